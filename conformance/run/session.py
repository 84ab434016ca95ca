"""One run: a target opened for checking, with its folder, journal and everything checks need.

Assembles; decides nothing. The plugin and the command open a run, checks only see `bbps`.
"""

import secrets
import tempfile
from collections.abc import Container, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from conformance.bbps.cleanup import Cleaner, CleanupItem
from conformance.bbps.deferred import DeferredChecks
from conformance.bbps.ending import Ended, end_pending
from conformance.bbps.flow import Bbps
from conformance.bbps.needs import SECOND_DAY
from conformance.client.client import Client
from conformance.client.exchange_log import ExchangeLog
from conformance.contracts import Contracts, all_errata
from conformance.contracts.drift import Drift
from conformance.core.errors import ConformanceError, SetupError
from conformance.core.exchange import Exchange
from conformance.core.ledger import Ledger
from conformance.core.once import Once
from conformance.core.redaction import Redactor
from conformance.core.requirements import Register, Requirement
from conformance.core.sharing import SHARED, note
from conformance.core.verdicts import Finding, Inconclusive, Verdict
from conformance.doctor import Examination, SetupFault, examine, require_fit
from conformance.generation import Plan
from conformance.mdms.served import fingerprints
from conformance.profile.loading import Profile
from conformance.report.writing import write_all
from conformance.results.estimate import Estimate
from conformance.results.exchange_store import ExchangeStore
from conformance.results.gating import baseline_of
from conformance.results.journal import Journal, PlannedCheck
from conformance.results.lock import RunLock
from conformance.results.model import Header, Results
from conformance.results.secret_scan import scan
from conformance.results.waivers import load as load_waivers
from conformance.run.commands import cleaning, settling
from conformance.run.config import RunConfig
from conformance.run.estimate import estimate
from conformance.run.header import header_of
from conformance.run.notes import notes_of
from conformance.run.resume import LEDGER, Earlier, ResumeError

if TYPE_CHECKING:
    from conformance.generation.campaign import Campaign

PATIENCE: Final = "patience"


class Deployment(Protocol):
    """What the embedded reference offers; the checking side knows no more of it."""

    @property
    def base_url(self) -> str:
        """Where it answers."""


class Run:
    """An opened target. `begin` with the planned checks, record findings, then `finish`."""

    def __init__(
        self,
        profile: Profile,
        config: RunConfig,
        embedded: AbstractContextManager[Deployment] | None = None,
        earlier: Earlier | None = None,
    ) -> None:
        """Prepare a run, or continue an `earlier` part of one, before any request.

        Raises SetupError on bad input, or if the parts do not fit.
        """
        self.id = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(2)}"
        self.earlier = earlier
        self.config = config
        self.profile = profile
        self.register = Register.load()
        self.redactor = Redactor()
        self.contracts = Contracts.load(
            form=profile.target.contract.form,
            errata=profile.target.contract.errata,
            documents=config.documents,
        )
        self.drift = Drift(self.contracts)
        self.folder = config.reports / "runs" / self.id
        self.results: Results | None = None
        self.invalid = ""  # why the run is invalid, if it is
        self._baseline = baseline_of(config.baseline)
        self._once = Once()
        named = profile.target.waivers
        self._waivers = load_waivers(Path(named), all_errata()) if named else ()
        self._embedded = embedded
        self._journal: Journal | None = None
        self._lock = earlier.lock if earlier else None
        self.exchanges = earlier.kept.exchanges if earlier else ExchangeStore()
        self._evidence: dict[str, dict[str, None]] = {}  # check -> ids, until its finding is filed
        self._remembered: dict[str, Any] = {}
        if earlier is not None:
            self._take_over(earlier)

    def open(self) -> None:
        """Start, and examine the set-up; SetupError if checks cannot start, and nothing is left."""
        self.start()
        try:
            self._require_due()
            require_fit(self.examine())
        except SetupError:
            self.undo()
            self.close()
            raise

    def start(self) -> None:
        """Start the embedded reference if requested, and get ready to call the target.

        SetupError when the run can keep nothing, or when the reference cannot start.
        """
        _refuse_unwritable(self.config.reports)
        target = self.profile.target
        if self._embedded is not None:
            deployment = self._embedded.__enter__()
            target = target.model_copy(update={"base_url": deployment.base_url})
        self.target = target
        ledger = Ledger(self.folder / LEDGER, target.limits.rupees_per_run)
        self._entered_before = len(ledger.entries)
        self.client = Client(
            target,
            self.contracts,
            self.redactor,
            self._keep,
            self.drift,
            ledger=ledger,
            unlocked=self.profile.unlocked,
        )
        self.client.cite = self.cite
        self.bbps = Bbps(self.client, self._mark, self.config.jobs)
        self.deferred = DeferredChecks(
            self.bbps,
            split=self.config.split,
            kept=self.earlier.cases if self.earlier else {},
            keep=lambda check, case: self.journal.case(check, case),
            lapse=lambda check: self.journal.lapsed(check),
        )
        self.recorded = ExchangeLog(self.exchanges, self.contracts, self.cite, self.drift.forms)
        if self.earlier is not None:
            self._recall(self.earlier)

    @property
    def campaign(self) -> "Campaign":
        """The requests that the run generates from the contracts; made when first needed."""
        from conformance.generation.campaign import Campaign  # takes as long as a short run

        plan = Plan(depth=self.config.depth, seed=self.config.seed, jobs=self.config.jobs)
        return self._once("campaign", lambda: Campaign(self.bbps, self.contracts, plan))

    def examine(self) -> Examination:
        """Examine the set-up of a started run; its faults are returned, not raised."""
        met = (SECOND_DAY,) if self.config.split else ()
        lines = not self.config.scenarios_only
        self.examination = examine(self.bbps, self.wanted, met=met, lines=lines)
        return self.examination

    @property
    def wanted(self) -> tuple[Requirement, ...]:
        """What this part of the run is to judge: the profile may declare some not applicable."""
        declared = self.profile.target.not_applicable
        return tuple(
            each
            for each in self.register
            if each.id in self._requirements and each.id not in declared and not each.not_checked
        )

    @property
    def _requirements(self) -> Container[str]:
        """The requirements that this part of the run is about, by their ids."""
        if self.earlier is None or not self.earlier.chosen:
            return self.config.only or [each.id for each in self.register]
        planned, chosen = self.earlier.kept.planned, self.earlier.chosen
        return {id_ for each in planned if each.check in chosen for id_ in each.requirements}

    def _require_due(self) -> None:
        """Raise ResumeError if a run is to be settled before the day of any case has come."""
        due = self.deferred.first_due()
        if self.earlier is None or not self.earlier.settle or due is None:
            return
        with suppress(Inconclusive):  # the doctor says what is wrong
            self.client.token("administrator")  # any answer shows the deployment's time
        if self.bbps.clock.now() < due:
            raise ResumeError(
                f"it is too early: the run {self.id} can be settled {self.deferred.window_text()}"
            )

    def undo(self) -> tuple[CleanupItem, ...]:
        """Undo what this part of the run created, where the deployment outlives it."""
        entries = self.bbps.ledger.entries[self._entered_before :]
        if not entries or self.profile.target.embedded:
            return ()
        return tuple(Cleaner(self.bbps).clean(entries))

    def begin(self, planned: Sequence[PlannedCheck], *, partial: bool) -> None:
        """Open the journal for the planned checks; a later part of a run continues its own."""
        earlier = self.earlier
        if earlier is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = RunLock(self.folder)
        self._journal = Journal(
            self.folder,
            earlier.kept.header
            if earlier
            else self._header(
                partial=partial,
                detected=self.examination.detected,
                mdms=fingerprints(self.client),
                found_here=self.profile.target.found_here,
            ),
            earlier.kept.register if earlier else self.register,
            earlier.kept.planned if earlier else tuple(planned),
            split=self.config.split,
            kept=earlier.kept if earlier else None,
            withdrawn=earlier.withdrawn if earlier else (),
            exchanges=self.exchanges,
        )
        self.client.numbering.plan(each.check for each in planned)

    def estimate(self, planned: Sequence[PlannedCheck], **how: Any) -> Estimate:
        """Estimate what the planned checks need; `how` they run, as `estimate` takes it."""
        checks = [each.check for each in planned]
        return estimate(checks, self.target, self.config.depth, self.exchanges, **how)

    def file(self, finding: Finding) -> None:
        """Record the verdict on a check, and what the run has learnt on the way."""
        learnt = {**self.drift.memory(), PATIENCE: self.bbps.polling.longest}
        new = {name: what for name, what in learnt.items() if self._remembered.get(name) != what}
        if new:
            self.journal.memory(new)
            self._remembered |= new
        self.journal.finding(finding)
        if finding.verdict is not Verdict.INCONCLUSIVE:
            self.deferred.decided(finding.check)
        self._evidence.pop(finding.check, None)

    def cite(self, check: str, exchange: str) -> None:
        """Count an exchange, made for another check, as evidence of a check."""
        self._evidence.setdefault(check, {})[exchange] = None

    def evidence_of(self, check: str) -> tuple[str, ...]:
        """Return the ids of what a check exchanged or cited, until its finding is filed."""
        return tuple(self._evidence.get(check, ()))

    @property
    def journal(self) -> Journal:
        """The journal of a started run."""
        assert self._journal is not None, "the run has not begun"
        return self._journal

    def finish(self) -> Results:
        """Write results and every report; SecretLeak if a secret stands in any file of the run."""
        self.bbps.rest()
        ended = self._end_pending()
        self._refuse_leaks()
        results = self.journal.close(
            errata=self.drift.forms(),
            notes=self._notes(ended),
            settle=self._settle(),
            waivers=self._waivers,
            level=self.config.gate,
            baseline=self._baseline,
        )
        if self.config.written:
            write_all(self.folder, results, self.exchanges)
        self._refuse_leaks()
        self.results = results
        return results

    def _refuse_leaks(self) -> None:
        leaks = scan(self.folder, self.redactor.secrets)
        if leaks:
            from conformance.report import certificate  # few runs write one

            listing = ", ".join(sorted({str(leak) for leak in leaks}))
            reason = f"a secret of this run is in {listing}; do not give it to anybody"
            (self.folder / certificate.FILE).unlink(missing_ok=True)
            self.journal.invalidate(reason)
            self.invalid = reason
            raise SecretLeak(reason)

    def close(self) -> None:
        """Let go of connections, the folder, and what the run serves (simulator, reference)."""
        self.bbps.outcome_channel.close()
        self.client.close()
        if self._embedded is not None:
            self._embedded.__exit__(None, None, None)
            self._embedded = None
        if self._lock is not None:
            self._lock.release()

    def _take_over(self, earlier: Earlier) -> None:
        kept = earlier.kept
        earlier.require_same(self._header(partial=kept.header.partial, detected=""))
        self.id, self.folder = kept.header.run, kept.folder
        for check in earlier.cases:  # decided by what was exchanged on two days
            for id_ in kept.exchanges.ids("filed_under = ?", check):
                self.cite(check, id_)

    def _recall(self, earlier: Earlier) -> None:
        """Continue where the earlier part ended: numbers, what was learnt, SYSTEM users."""
        planned = [each.check for each in earlier.kept.planned]
        self.client.numbering.continue_after(planned, earlier.kept.exchanges.counts())
        for content in earlier.kept.memory:
            self._remembered |= content
        learnt = dict(self._remembered)
        self.bbps.polling.recall(learnt.pop(PATIENCE, 0.0))
        self.drift.recall(learnt)
        owners = {case["owner"] for case in earlier.cases.values()}
        for name, actor in self.target.actors.items():
            if actor.create:
                with suppress(Inconclusive):  # the doctor says what is wrong
                    self.bbps.provision.recall_system_user(name, owners)

    @property
    def _mark(self) -> str:
        """The mark of everything that this part of the run creates, and no other part.

        It is drawn: a part that was killed early leaves nothing that counts it.
        """
        part = f"p{secrets.token_hex(3)}" if self.earlier else ""
        return self.id.partition("-")[2] + self.id[9:15] + part

    def _end_pending(self) -> Ended:
        """Let the run's pending transactions fail, where the deployment outlives it."""
        if self.profile.target.embedded:
            return Ended()
        return end_pending(
            self.bbps, self.exchanges, keep=self.deferred.transactions(), jobs=self.config.jobs
        )

    def _notes(self, ended: Ended) -> tuple[str, ...]:
        return notes_of(
            settling=settling(self.config, self.id), cleaning=cleaning(self.config, self.id),
            window=self.deferred.window_text(),
            ended=ended, started=self.earlier.kept.started if self.earlier else "",
            created=bool(self.bbps.ledger.entries) and not (
                self.profile.target.embedded or self.config.clean
            ),
            left_out=[str(each) for each in self.bbps.client.contracts.left_out],
        )  # fmt: skip

    def _settle(self) -> dict[str, str]:
        """Return when what this run left to another day can be settled, as texts."""
        window = self.deferred.window()
        if window is None:
            return {}
        due, until = (self.bbps.clock.text(each) if each else "" for each in window)
        return {"from": due} | ({"until": until} if until else {})

    def _keep(self, exchange: Exchange) -> None:
        self.exchanges.add(exchange)
        note(exchange.id)
        if exchange.check != SHARED:  # else whoever uses what was made cites it
            self.cite(exchange.check, exchange.id)

    def _header(self, *, partial: bool, **seen: Any) -> Header:
        return header_of(
            self.id,
            self.profile,
            self.config,
            self.contracts,
            partial=partial,
            **seen,
        )


class SecretLeak(ConformanceError):
    """A secret reached an artefact of the run: an error of the suite."""


def _refuse_unwritable(reports: Path) -> None:
    """SetupFault unless runs can be kept in a folder; it is not created yet."""
    try:
        above = (reports.absolute(), *reports.absolute().parents)
        place = next(each for each in above if each.exists())
        # Tried, for the rights do not tell all: some file systems have rules of their own.
        Path(tempfile.mkdtemp(prefix=".bbps-", dir=place)).rmdir()
    except (OSError, ValueError):
        message = f"{reports}: cannot be written; give --reports another folder"
        raise SetupFault(message) from None
