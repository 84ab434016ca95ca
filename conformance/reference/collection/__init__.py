"""collection-services: payments, receipts and their workflow."""
