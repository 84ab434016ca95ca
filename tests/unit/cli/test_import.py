"""`scenarios import` without a folder prints the scenarios, whatever texts the collection holds."""

import json
from pathlib import Path

import yaml
from click.testing import CliRunner

from conformance.cli.main import main


def test_scenarios_are_printed_unless_a_folder_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    url = "http://city.example/pg-service/transaction/v1/_update?transactionId=1"
    body = {"mode": "raw", "raw": '{"remark": "\\ud83d \\ud83d\\ude00"}'}
    request = {"method": "POST", "url": url, "body": body}
    items = [{"name": "Half \ud83d", "request": request}]
    path.write_text(json.dumps({"info": {"name": "City"}, "item": items}), encoding="utf-8")
    done = CliRunner().invoke(main, ["scenarios", "import", str(path)])
    assert done.exit_code == 0, done.output
    (step,) = yaml.safe_load(done.stdout)["steps"]
    assert step["name"] == "Half \ufffd"
    assert step["body"] == {"remark": "\ufffd \U0001f600"}
    assert "U+FFFD" in done.stderr
