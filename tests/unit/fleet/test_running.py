"""Which cities are left, what is kept of each, and what shards come to together."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from conformance import __version__
from conformance.core import resources
from conformance.core.errors import SetupError
from conformance.fleet import plan as plan_module
from conformance.fleet import running
from conformance.fleet.engines import Begun, unheard
from conformance.fleet.folder import Manifest, folders_in, home_of, opened, overview_in
from conformance.fleet.inventory import read_fleet
from conformance.fleet.merge import merged
from conformance.fleet.plan import FleetPlan, Options, needs_of, plan_of, require_permitted
from conformance.fleet.running import certified, left_of, set_aside
from conformance.fleet.sharing import Shard
from conformance.fleet.task import CityResult, CityTask, read_result, write_result
from conformance.results.lock import RunLocked
from tests.unit.fleet.conftest import ENVIRON, Write, result

SCENARIO = """\
name: one
title: "{title}"
requirements: [BIL-01]
steps:
  - {{name: Fetch, call: bill.fetch, as: integrator}}
"""
CITIES = ("Amritsar", "Batala", "Moga", "Mohali")


class Canned:
    """An engine that knows what each city comes to, and notes its tasks."""

    workers = 2

    def __init__(self, **verdicts: str) -> None:
        self._verdicts = verdicts
        self.tasks: list[CityTask] = []
        self.limits: Mapping[str, int] = {}

    def run(
        self, tasks: Sequence[CityTask], limits: Mapping[str, int], begun: Begun = unheard
    ) -> Iterator[CityResult]:
        self.tasks, self.limits = list(tasks), limits
        for task in tasks:
            begun(task)
            verdict = self._verdicts.get(task.city, "CONFORMANT")
            yield result(task.city, verdict, task=task.checksum, files=task.files, run="")


@pytest.fixture(autouse=True)
def _canned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Canned results have no run; tests/deployments/test_fleet.py has those that have one."""
    monkeypatch.setattr(running, "require_as_run", lambda *_: None)


@pytest.fixture
def plan(write: Write, template: Path) -> FleetPlan:
    return planned(write, template)


def planned(write: Write, template: Path, **options: object) -> FleetPlan:
    rows = "".join(f"{name},pb.{name.lower()}\n" for name in CITIES)
    fleet = read_fleet(write("cities.csv", f"name,tenant\n{rows}"), template, ENVIRON)
    return plan_of(fleet, Options(workers=2, **options))  # type: ignore[arg-type]


def names(tasks: Sequence[CityTask]) -> list[str]:
    return [each.city for each in tasks]


def carry_out(plan: FleetPlan, home: Path, engine: Canned) -> list[CityResult]:
    return list(certified(left_of(plan, home), plan, engine))


def test_a_task_holds_no_secret_and_its_share(plan: FleetPlan, tmp_path: Path) -> None:
    engine = Canned()
    begun: list[CityTask] = []
    assert len([*certified(left_of(plan, tmp_path), plan, engine, begun.append)]) == len(CITIES)
    assert begun == engine.tasks
    assert engine.limits == {"http://digit.test:80": 2}
    first = engine.tasks[0]
    assert (first.rate, first.in_flight) == (6, 4)
    assert first.profile["limits"]["requests_per_second"] == 12
    assert ENVIRON["ADMIN_PASSWORD"] not in repr(engine.tasks)
    assert first.folder == (tmp_path / "cities" / "Amritsar").absolute()


def test_what_was_judged_is_kept_and_the_rest_is_left(plan: FleetPlan, tmp_path: Path) -> None:
    engine = Canned(Batala="NON-CONFORMANT", Moga="", Mohali="ERROR")
    carry_out(plan, tmp_path, engine)
    assert names(left_of(plan, tmp_path)) == ["Moga", "Mohali"]
    assert names(left_of(plan, tmp_path, ["Bat*"])) == ["Batala", "Moga", "Mohali"]
    with pytest.raises(SetupError, match="--again 'Delhi' is no city"):
        left_of(plan, tmp_path, ["Delhi"])


def test_another_task_or_suite_certifies_again(
    plan: FleetPlan, tmp_path: Path, write: Write, template: Path
) -> None:
    carry_out(plan, tmp_path, Canned())
    assert left_of(plan, tmp_path) == []
    assert len(left_of(planned(write, template, depth="quick"), tmp_path)) == len(CITIES)
    # How fast, and how many at the same time, changes no verdict.
    assert left_of(planned(write, template, jobs=4), tmp_path) == []
    folder = tmp_path / "cities" / "Moga"
    found = read_result(folder)
    assert found is not None
    assert found.suite == __version__
    write_result(folder, result("Moga", task=found.task, suite="0.0.1"))
    assert names(left_of(plan, tmp_path)) == ["Moga"]


def test_variables_and_files_that_change_certify_again(
    tmp_path: Path, write: Write, template: Path
) -> None:
    write("masters/tenants.json", "{}")
    write("waivers.yaml", "[]")
    row = "Moga,${TENANT},masters,waivers.yaml"
    cities = write("cities.csv", f"name,tenant,mdms.repository,waivers\n{row}\n")

    def left(**changed: str) -> list[str]:
        environ = ENVIRON | {"TENANT": "pb.moga"} | changed
        plan = plan_of(read_fleet(cities, template, environ), Options())
        plan_module._content.cache_clear()
        tasks = left_of(plan, tmp_path)
        assert set_aside(tasks) == bool(tasks and (tmp_path / "cities").exists())
        list(certified(tasks, plan, Canned()))
        return names(tasks)

    assert left() == ["Moga"]
    assert left() == []
    assert left(ADMIN_PASSWORD="another") == []
    assert left(TENANT="pb.elsewhere") == ["Moga"]
    assert left() == ["Moga"]
    write("masters/tenants.json", "[]")
    assert left() == ["Moga"]
    write("waivers.yaml", "")
    assert left() == ["Moga"]


def test_own_contracts_and_scenarios_that_change_certify_again(
    tmp_path: Path, write: Write, template: Path
) -> None:
    def planned_with(text: str, folder: str = "here") -> FleetPlan:
        place = write(f"{folder}/one.yaml", SCENARIO.format(title=text))
        return planned(write, template, scenarios=(place,))

    carry_out(planned_with("One title"), tmp_path, Canned())
    assert left_of(planned_with("One title"), tmp_path) == []
    assert left_of(planned_with("One title", "moved"), tmp_path) == []  # only what they say counts
    assert len(left_of(planned_with("Another title"), tmp_path)) == len(CITIES)
    assert len(left_of(planned(write, template), tmp_path)) == len(CITIES)
    shipped = resources.folder("contracts") / "user.yaml"
    with_contract = planned(write, template, documents={"user": shipped})
    assert len(left_of(with_contract, tmp_path)) == len(CITIES)
    # Shards of other contracts or scenarios are not merged.
    plans = [planned_with("One title"), planned_with("Another title"), with_contract]
    assert len({each.checksum for each in plans}) == 3
    assert planned_with("One title", "moved").checksum == plans[0].checksum


def test_own_files_that_are_broken_are_refused_before_any_city(
    write: Write, template: Path, tmp_path: Path
) -> None:
    with pytest.raises(SetupError, match=r"gone\.yaml"):
        planned(write, template, scenarios=(tmp_path / "gone.yaml",))
    with pytest.raises(SetupError, match="no such service"):
        planned(write, template, documents={"users": tmp_path / "gone.yaml"})


def test_a_result_of_other_settings_is_counted_no_more(
    plan: FleetPlan, tmp_path: Path, write: Write, template: Path
) -> None:
    carry_out(plan, tmp_path, Canned(Moga=""))
    assert not set_aside(left_of(plan, tmp_path, ["*"]))  # of these settings they are
    other = planned(write, template, depth="quick")
    assert set_aside(left_of(other, tmp_path))
    assert read_result(tmp_path / "cities" / "Batala") is None


def test_a_certificate_that_has_ended_counts_no_more(plan: FleetPlan, tmp_path: Path) -> None:
    carry_out(plan, tmp_path, Canned())
    folder = tmp_path / "cities" / "Moga"
    found = read_result(folder)
    assert found is not None
    write_result(folder, replace(found, run="old", valid_until="2024-02-29"))
    page = folder / "runs" / "old" / "certificate.html"
    page.parent.mkdir(parents=True)
    page.touch()
    manifest = Manifest(fleet="cities", shard=Shard(), cities=CITIES)
    shown = overview_in(tmp_path, manifest, folders_in(tmp_path, manifest), ["Moga"])
    assert (shown.cities[0].word, shown.exit_code) == ("NO CERTIFICATE", 4)
    assert shown.cities[0].why == "its certificate was valid until 2024-02-29"
    assert names(left_of(plan, tmp_path)) == ["Moga"]
    write_result(folder, replace(found, valid_until="9999-01-01"))
    assert left_of(plan, tmp_path) == []


def test_a_file_named_by_dots_is_refused(tmp_path: Path) -> None:
    for name in (".", ".."):
        with pytest.raises(SetupError, match="cannot be the name of a folder"):
            home_of(tmp_path, name, Shard())


def test_a_shard_without_a_city_is_refused(write: Write, template: Path) -> None:
    with pytest.raises(SetupError, match=r"shard 5/5 holds no city .*use at most 4 shards"):
        planned(write, template, shard=Shard(5, 5))


def test_a_run_that_cannot_be_settled_yet_waits_on(
    tmp_path: Path, write: Write, template: Path
) -> None:
    both = planned(write, template, split=True, settle=True)
    waiting = result("Moga", "INCONCLUSIVE", settle="from 2026-12-01 00:00")
    write_result(tmp_path / "cities" / "Moga", waiting)
    write_result(tmp_path / "cities" / "Batala", result("Batala"))
    assert names(left_of(both, tmp_path)) == ["Moga"]
    carry_out(both, tmp_path, Canned(Moga=""))
    found = read_result(tmp_path / "cities" / "Moga")
    assert found is not None
    assert (found.verdict, found.settle) == ("INCONCLUSIVE", "from 2026-12-01 00:00")
    assert names(left_of(both, tmp_path)) == ["Moga"]


@pytest.mark.parametrize(
    "damage",
    [
        {"verdict": "FINE"}, {"run": "../../elsewhere"}, {"city": "Delhi"}, {"rupees": "many"},
        {"points": ["TXN-08"]}, {"areas": {"Bill": 3}}, {"exit_code": "good"},
    ],
)  # fmt: skip
def test_a_result_that_was_damaged_is_named(
    damage: dict[str, object], plan: FleetPlan, tmp_path: Path
) -> None:
    carry_out(plan, tmp_path, Canned())
    path = tmp_path / "cities" / "Moga" / "city.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(document | damage), encoding="utf-8")
    with pytest.raises(SetupError, match=r"Moga.city\.json: is no result of a city"):
        left_of(plan, tmp_path)


def test_a_folder_outside_is_no_city(tmp_path: Path) -> None:
    text = '{"fleet": "o", "shard": "1/1", "cities": ["../../etc"]}'
    (tmp_path / "fleet.json").write_text(text, encoding="utf-8")
    with pytest.raises(SetupError, match="a city that no folder can have"):
        merged([tmp_path], tmp_path)


def test_production_is_changed_only_by_name(write: Write, template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    template.write_text(f"{text}production: true\n", encoding="utf-8")
    with pytest.raises(SetupError) as raised:
        require_permitted(planned(write, template, known_as=("Moga", "Mohali")))
    assert "Amritsar, Batala" in str(raised.value)
    assert "--i-know-this-is Amritsar --i-know-this-is Batala" in str(raised.value)
    require_permitted(planned(write, template, known_as=CITIES))


def test_the_plan_estimates_each_city(plan: FleetPlan) -> None:
    needs = needs_of(plan, 0.1)
    assert [each.city for each in needs] == list(CITIES)
    assert all(each.requests > 1000 for each in needs)
    assert all(each.seconds > each.requests / 6 for each in needs)  # at the share of each
    assert {each.rupees for each in needs} == {500}  # the cap of a run
    assert "may pay" in needs[0].short


def shard(plan: FleetPlan, tmp_path: Path, number: int, **verdicts: str) -> Path:
    """Run one of two shards with canned results; return its folder."""
    home = home_of(tmp_path / "reports", "cities", Shard(number, 2))
    manifest = Manifest(fleet="cities", shard=Shard(number, 2), cities=CITIES)
    with opened(home, manifest):
        for name in manifest.own:
            write_result(home / "cities" / name, result(name, verdicts.get(name, ""), run=""))
    return home


def test_shards_are_merged(plan: FleetPlan, tmp_path: Path) -> None:
    homes = [shard(plan, tmp_path, number) for number in (1, 2)]
    overview, missing = merged(homes, tmp_path)
    assert {each.name for each in overview.cities} == set(CITIES)
    assert missing == []
    overview, missing = merged(homes[:1], tmp_path)
    assert missing == ["2/2"]
    assert [each.name for each in overview.cities if each.result is None] == ["Batala", "Mohali"]
    assert overview.exit_code == 2


def test_two_results_of_a_city_are_refused_by_name(plan: FleetPlan, tmp_path: Path) -> None:
    first, again = shard(plan, tmp_path / "a", 1), shard(plan, tmp_path / "b", 1)
    assert len(merged([first, again], tmp_path)[0].cities) == len(CITIES)  # the same twice
    write_result(again / "cities" / "Moga", result("Moga", "", error="another", run=""))
    with pytest.raises(SetupError, match=r"two of Moga in .*a/reports.* and in .*b/reports"):
        merged([first, again], tmp_path)


def test_other_fleets_are_not_merged(plan: FleetPlan, tmp_path: Path) -> None:
    home = shard(plan, tmp_path, 1)
    with opened(tmp_path / "o", Manifest(fleet="o", shard=Shard(2, 2), cities=("Delhi",))):
        pass
    with pytest.raises(SetupError, match="is of another fleet"):
        merged([home, tmp_path / "o"], tmp_path)
    with pytest.raises(SetupError, match="holds no fleet"):
        merged([tmp_path / "absent"], tmp_path)


def test_shards_of_other_settings_are_not_merged(plan: FleetPlan, tmp_path: Path) -> None:
    homes = [shard(plan, tmp_path, number) for number in (1, 2)]
    other = Manifest(fleet="cities", shard=Shard(2, 2), cities=CITIES, settings="other")
    with opened(homes[1], other):
        pass
    with pytest.raises(SetupError, match="template or the options differ"):
        merged(homes, tmp_path)


def test_a_fleet_is_known_by_its_files_and_options(plan: FleetPlan) -> None:
    options = plan.options
    assert replace(plan, options=replace(options, shard=Shard(2, 2))).checksum == plan.checksum
    assert replace(plan, options=replace(options, seed=7)).checksum != plan.checksum
    other = replace(plan.fleet, checksum="of another template")
    assert replace(plan, fleet=other).checksum != plan.checksum


def test_a_verdict_without_its_run_is_not_merged(plan: FleetPlan, tmp_path: Path) -> None:
    home = shard(plan, tmp_path, 1, Moga="CONFORMANT")
    with pytest.raises(SetupError, match="holds no run"):
        merged([home], tmp_path)


def test_a_city_whose_page_is_gone_is_not_certified(plan: FleetPlan, tmp_path: Path) -> None:
    home = shard(plan, tmp_path, 1)
    manifest = Manifest(fleet="cities", shard=Shard(1, 2), cities=CITIES)
    write_result(home / "cities" / "Moga", result("Moga", run="gone"))
    found = overview_in(home, manifest, folders_in(home, manifest), ["Moga"])
    assert found.cities[0].word == "NO CERTIFICATE"
    page = home / "cities" / "Moga" / "runs" / "gone" / "certificate.html"
    page.parent.mkdir(parents=True)
    page.touch()
    found = overview_in(home, manifest, folders_in(home, manifest), ["Moga"])
    assert (found.cities[0].word, found.cities[0].page) == (
        "CONFORMANT", "cities/Moga/runs/gone/certificate.html",
    )  # fmt: skip


def test_one_command_at_a_time_works_in_a_folder(tmp_path: Path) -> None:
    manifest = Manifest(fleet="o", shard=Shard(), cities=("Delhi",))
    with opened(tmp_path, manifest), pytest.raises(RunLocked), opened(tmp_path, manifest):
        pass
