"""Postman collections: read (v1, v2.0, v2.1) and made into scenarios; scenarios made into them."""
