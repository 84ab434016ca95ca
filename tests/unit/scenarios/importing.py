"""Small collections, and what an import makes of them."""

import json
from pathlib import Path
from typing import Any

import yaml
from click.testing import CliRunner, Result

from conformance.cli.main import main
from conformance.scenarios.catalogue import loaded

UPDATE = "/pg-service/transaction/v1/_update"


def item(name: str, url: Any, **more: Any) -> dict[str, Any]:
    scripts = [
        {"listen": key, "script": {"exec": more.pop(key).splitlines()}}
        for key in ("prerequest", "test")
        if key in more
    ]
    response = more.pop("response", [])
    request = {"method": "POST", "url": url, **more}
    return {"name": name, "request": request, "event": scripts, "response": response}


def raw(body: Any) -> dict[str, Any]:
    return {"mode": "raw", "raw": body if isinstance(body, str) else json.dumps(body)}


def imported(
    folder: Path, document: Any, *options: str, environment: Any = None, globals_: Any = None
) -> tuple[dict[str, Any], Result]:
    """Import a collection; return its scenarios by name, and what the command said."""
    path = folder / "collection.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    arguments = ["scenarios", "import", str(path), "--out", str(folder / "out"), *options]
    for option, content in (("-e", environment), ("-g", globals_)):
        if content is not None:
            file = folder / f"file{option}.json"
            values = [{"key": key, "value": value} for key, value in content.items()]
            file.write_text(json.dumps({"values": values}), encoding="utf-8")
            arguments += [option, str(file)]
    done = CliRunner().invoke(main, arguments)
    found = {
        each.stem: yaml.safe_load(each.read_text("utf-8")) for each in folder.glob("out/*.yaml")
    }
    if found:
        loaded([folder / "out"])
    return found, done


def only(folder: Path, *items: Any, **more: Any) -> dict[str, Any]:
    """Return the one step of a collection with some requests."""
    found, done = imported(folder, {"info": {"name": "C"}, "item": list(items)}, **more)
    assert done.exit_code == 0, done.output
    return found["c"]["steps"][0]
