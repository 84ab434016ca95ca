"""The walk with curl in the README of the reference ends with a receipt."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deployments.conftest import free_port

README = Path(__file__).parents[2] / "conformance" / "reference" / "README.md"
WALK = re.compile(r"```sh\n(bbps-conformance serve .*?)```", re.DOTALL)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_walk_with_curl_ends_with_a_receipt(tmp_path: Path) -> None:
    found = WALK.search(README.read_text(encoding="utf-8"))
    assert found is not None
    walk = found[1].replace("8080", str(free_port()))
    installed = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    with subprocess.Popen(
        ["bash", "-e", "-c", walk],
        cwd=tmp_path,
        env=os.environ | {"PATH": installed},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # the reference that it starts ends with it
    ) as process:
        try:
            assert process.wait(300) == 0
        finally:
            os.killpg(process.pid, signal.SIGTERM)
        assert process.stdout is not None
        *_, last = process.stdout.read().strip().splitlines()
    (payment,) = json.loads(last)["Payments"]
    assert payment["paymentStatus"] == "DEPOSITED"
    assert payment["paymentDetails"][0]["receiptNumber"]
