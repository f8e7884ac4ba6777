"""市の年度報告：県が照会し、市が目標と実績を送って提出し、県が承認・公表し、だれもが読む。
The yearly report: a prefecture asks, a city answers and submits, the prefecture publishes, everybody reads.

    HAGUKUMI_URL=http://127.0.0.1:8080 python yearly_report.py
"""

import os
import time
import uuid

from hagukumi.api.annual_results_年度実績 import get_result, list_results, put_result
from hagukumi.api.plans_計画 import put_plan, put_plan_reporter
from hagukumi.api.programs_事業 import put_program
from hagukumi.api.reports_報告 import create_transition
from hagukumi.api.rounds_照会 import put_round
from hagukumi.api.targets_目標 import put_target
from hagukumi.client import AuthenticatedClient
from hagukumi.models import (
    AnnualResult,
    CountBasis,
    CreateTransition,
    GetResultView,
    Numbering,
    Part,
    PlanKind,
    PlanStatus,
    PutPlan,
    PutPlanReporter,
    PutProgram,
    PutResult,
    PutResultTexts,
    PutRound,
    PutTarget,
    PutTargetTexts,
    RecordValue,
    ReportStatus,
    RoundCover,
)
from hagukumi.types import UNSET
from hagukumi_client import connect, ok, refusal

URL = os.environ.get("HAGUKUMI_URL", "http://127.0.0.1:8080")
MUNICIPALITY = "132292"
PERIOD = "2025"
# A plan of its own for each run: the program can be run again on the same service.
PLAN = f"130001-python-{time.time_ns():x}"
PROGRAMS = ["1", "2", "3"]


def ask(prefecture: AuthenticatedClient) -> None:
    """The prefecture says what it wants to know, from whom."""
    plan = PutPlan(
        title="子育て支援員研修",
        kind=PlanKind.KPI,
        fiscal_year_from=2025,
        fiscal_year_to=2025,
        status=PlanStatus.ADOPTED,
        numbering=Numbering.PLAN,
    )
    ok(put_plan.sync_detailed(PLAN, client=prefecture, body=plan, if_none_match="*"))
    reporter = PutPlanReporter(member_group="市")
    ok(put_plan_reporter.sync_detailed(PLAN, MUNICIPALITY, client=prefecture, body=reporter, if_none_match="*"))
    for code in PROGRAMS:
        program = PutProgram(number_label=code, name=f"研修その{code}", position=int(code))
        ok(put_program.sync_detailed(PLAN, code, client=prefecture, body=program, if_none_match="*"))
    # Targets and results of the year are handed in together.
    covers = [RoundCover(part=part, period=PERIOD) for part in (Part.TARGETS, Part.RESULTS)]
    asked = PutRound(title="令和7年度 調査", covers=covers)
    ok(put_round.sync_detailed(PLAN, PERIOD, client=prefecture, body=asked, if_none_match="*"))


def attended(people: int) -> PutResult:
    """What one cell says: the sentence, and the figure that is read from it."""
    texts = PutResultTexts()
    texts["text"] = f"研修を開き、延べ{people}人が受講した。"
    figure = RecordValue(
        item="受講",
        label="受講者数",
        counted="受講者",
        value=people,
        unit="人",
        count_basis=CountBasis.CUMULATIVE,
        source=f"延べ{people}人",
    )
    return PutResult(texts=texts, values=[figure])


def report(city: AuthenticatedClient) -> None:
    """The city writes, and is told when somebody else was faster."""
    for program in PROGRAMS:
        cell = (PLAN, program, MUNICIPALITY, PERIOD)
        texts = PutTargetTexts()
        texts["text"] = "研修を開き、30人が受講する予定。"
        ok(put_target.sync_detailed(*cell, client=city, body=PutTarget(texts=texts), if_none_match="*"))
        created = put_result.sync_detailed(*cell, client=city, body=attended(28), if_none_match="*")
        ok(created)
        assert created.status_code == 201

    cell = (PLAN, "1", MUNICIPALITY, PERIOD)
    # A draft is read with view=working; the next write names the ETag it was based on.
    draft = get_result.sync_detailed(*cell, client=city, view=GetResultView.WORKING)
    values = ok(draft).values
    assert values and values[0].value == 28
    corrected = put_result.sync_detailed(*cell, client=city, body=attended(29), if_match=draft.headers["etag"])
    ok(corrected)
    assert corrected.headers["etag"] != draft.headers["etag"]

    # A colleague who still works on the first draft overwrites nothing.
    late = put_result.sync_detailed(*cell, client=city, body=attended(30), if_match=draft.headers["etag"])
    assert (late.status_code, refusal(late).code) == (412, "request.version_conflict")

    # An answer got lost? The same again changes nothing and succeeds.
    again = put_result.sync_detailed(*cell, client=city, body=attended(29), if_match=draft.headers["etag"])
    ok(again)
    assert again.headers["hagukumi-outcome"] == "unchanged"
    assert again.headers["etag"] == corrected.headers["etag"]


def move(client: AuthenticatedClient, to: ReportStatus, person: str) -> None:
    moved = create_transition.sync_detailed(
        PLAN,
        MUNICIPALITY,
        PERIOD,
        client=client,
        body=CreateTransition(to=to, person=person),
        # With the same key a repetition is answered, not done twice.
        idempotency_key=str(uuid.uuid4()),
    )
    assert ok(moved).status == to


def pull(prefecture: AuthenticatedClient) -> list[AnnualResult]:
    """Everything the plan has published, page by page: all pages show one moment."""
    results: list[AnnualResult] = []
    cursor: str | None = None
    while True:
        page = ok(list_results.sync_detailed(client=prefecture, plan=PLAN, limit=2, cursor=cursor or UNSET))
        results += page.results
        cursor = page.resultset.next_ or None
        if cursor is None:
            break
    if not results:
        return results

    # What one has already is not sent again.
    cell = (PLAN, "1", MUNICIPALITY, PERIOD)
    first = get_result.sync_detailed(*cell, client=prefecture)
    known = prefecture.with_headers({"If-None-Match": first.headers["etag"]})
    assert get_result.sync_detailed(*cell, client=known).status_code == 304
    return results


def main() -> None:
    city, reviewer, reader = (
        connect(URL, role) for role in ("MUNICIPAL_EDITOR", "PREFECTURE_REVIEWER", "PREFECTURE_READER")
    )
    ask(connect(URL, "PREFECTURE_EDITOR"))
    report(city)
    move(city, ReportStatus.SUBMITTED, "子ども政策課 担当A")
    assert pull(reader) == []
    move(reviewer, ReportStatus.APPROVED, "少子社会対策部 担当B")
    move(reviewer, ReportStatus.PUBLISHED, "少子社会対策部 担当B")
    published = pull(reader)
    assert [result.program for result in published] == PROGRAMS
    assert [result.values[0].value for result in published if result.values] == [29, 28, 28]
    print(f"{PLAN}: {len(published)} results published and pulled")


if __name__ == "__main__":
    main()
