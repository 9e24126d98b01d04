"""The worked examples of docs/measured-shares.md: the program computes every line of them."""

from datetime import UTC, datetime, timedelta

from debtplan.core.attributable import Attributable, attribute
from debtplan.core.flow import Flow, MetricKind, UxMetric
from debtplan.core.harm import Harm
from debtplan.core.ledger import Pool, keep_ledger
from debtplan.core.link import Claim, Grade, Link, LinkBasis, LinkPolicy, Share, settle_links
from debtplan.core.measured import measure_shares
from debtplan.core.spell import Part, Spell, kitagawa
from debtplan.core.suspects import Suspect, suspects_of
from debtplan.core.tally import Overlap, OverlapPart
from tests.docs.page import DOCS, read_blocks
from tests.tallies import CODE, END, stratum, tally

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

PHONES = stratum(540, 600, 360, 900, "device = phone")
DESKTOPS = stratum(180, 200, 80, 400, "device = desktop")


def measured() -> Attributable:
    """What the code explains."""
    return attribute((PHONES, DESKTOPS))


def link() -> Link:
    """The link of the example."""
    claim = Claim(
        item="OMNI-12",
        metric="lost",
        basis=LinkBasis.FILE,
        share=Share(low=0.5, likely=0.6, high=0.7),
        grade=Grade.D,
        selector=CODE,
    )
    counted = [tally(PHONES, DESKTOPS, metric="lost")]
    shares = measure_shares([("lost", CODE)], counted, NOW)
    (found,) = settle_links([claim], LinkPolicy(), NOW.date(), measured=shares)
    return found


def fraction_lines() -> list[str]:
    """Return the lines about the fraction and its interval."""
    found = measured()
    assert found.fraction is not None
    assert found.low is not None
    assert found.high is not None
    expected = found.bad * (1 - found.fraction)
    parts = [
        (one.total_with + one.total_without) * one.bad_without / one.total_without
        for one in (PHONES, DESKTOPS)
    ]
    return [
        f"phones     1,500 sessions × 360 / 900 = {parts[0]:,.0f}",
        f"desktops     600 sessions ×  80 / 400 = {parts[1]:,.0f}",
        f"expected   {parts[0]:,.0f} + {parts[1]:,.0f} = {expected:,.0f} of {found.bad:,.0f}",
        f"fraction   1 - {expected:,.0f} / {found.bad:,.0f} = {found.fraction:.1%}",
        f"carry it   720 / 1,160 = {found.carried:.0%}",
        f"interval   {found.low:.1%} to {found.high:.1%}",
    ]


def share_lines() -> list[str]:
    """Return the lines about share and grade."""
    found = link()
    share = found.share
    assert found.claimed_share is not None
    assert found.measured is not None
    assert found.measured.found.fraction is not None
    assert found.measured.found.error is not None
    error = (1 - found.measured.found.fraction) * found.measured.found.error
    return [
        f"share      {share.low:.3f}, {share.likely:.3f}, {share.high:.3f}",
        f"mean       {share.expected:.3f}",
        f"deviation  {share.spread:.4f}, standard error {error:.4f}",
        f"grade      {found.claimed_grade} as claimed, {found.grade} as measured",
        f"claimed    {found.claimed_share.likely:.0%}",
    ]


def suspects() -> tuple[Suspect, ...]:
    """The suspects: the code, counted within countries, and Ireland, where it is common."""
    code = (
        stratum(180, 200, 35, 100, "country = IE"),
        stratum(540, 600, 405, 1_200, "country = FR"),
    )
    ireland = stratum(215, 300, 945, 1_800)
    return suspects_of(
        [
            tally(*code, metric="lost"),
            tally(ireland, metric="lost", dimension="country", value="IE"),
        ]
    )


def suspect_lines() -> list[str]:
    """Return the lines about suspects."""
    lines = []
    for one in suspects():
        found = one.found
        own = "" if one.own is None else f", of its own {one.own:.1%}"
        lines.append(
            f"{one.selector!s:<26} {one.fraction:.1%} ({found.low:.1%} to {found.high:.1%}){own}"
        )
    return lines


def pool(overlap: Overlap | None) -> Pool:
    """Failures and waiting at one step."""
    metrics = [
        UxMetric(id="failed", flow="f", step="s", kind=MetricKind.ERROR_RATE, target=0),
        UxMetric(id="slow", flow="f", step="s", kind=MetricKind.ERROR_RATE, target=0),
    ]
    harms = [
        Harm(metric="failed", harm=1_000, sessions=20_000),
        Harm(metric="slow", harm=800, sessions=20_000),
    ]
    known = {} if overlap is None else {("f", "s", "all"): overlap}
    (found,) = keep_ledger(metrics, harms, {"f": Flow(id="f")}, known)
    return found


def ledger_lines() -> list[str]:
    """Return the lines about the ledger."""
    parts = (
        OverlapPart(metric="failed", frustrated=1_000),
        OverlapPart(metric="slow", frustrated=800),
    )
    union = Overlap(
        flow="f",
        step="s",
        segment="all",
        start_at=END - timedelta(days=28),
        end_at=END,
        sessions=20_000,
        frustrated=1_300,
        parts=parts,
    )
    counted, assumed = pool(union), pool(None)
    return [
        f"bounds     {assumed.low:,.0f} to {assumed.high:,.0f}",
        f"{assumed.basis}   {assumed.measured:,.0f}",
        f"{counted.basis}               {counted.measured:,.0f}",
        *(
            f"{one.metric:<10} {one.own:,.0f} × 1,300 / 1,800 = {one.counted:,.0f}"
            for one in counted.members
        ),
    ]


def simpson_lines() -> list[str]:
    """Return the lines about segments and everyone."""
    parts = [
        Part("abroad", "abroad", Spell(5_600, 14_000, 0), Spell(3_360, 7_000, 0)),
        Part("home", "home", Spell(2_800, 14_000, 0), Spell(4_200, 21_000, 0)),
    ]
    within, mix = kitagawa(parts)
    lines = [
        f"{one.title:<10} {one.before.share:.0%} of {one.before.total:,.0f}, then "
        f"{one.after.share:.0%} of {one.after.total:,.0f}"
        for one in parts
    ]
    before = sum(one.before.bad for one in parts) / sum(one.before.total for one in parts)
    after = sum(one.after.bad for one in parts) / sum(one.after.total for one in parts)
    return [
        *lines,
        f"everyone   {before:.0%}, then {after:.0%}",
        f"within     (0.48 - 0.40) × (0.50 + 0.25) / 2 = {within:+.3f}",
        f"mix        -0.25 × (0.40 + 0.48) / 2 + 0.25 × (0.20 + 0.20) / 2 = {mix:+.3f}",
        f"together   {within:+.3f} {mix:+.3f} = {within + mix:+.3f}",
    ]


def test_every_line_of_the_worked_examples_is_what_the_program_computes() -> None:
    text = (DOCS / "measured-shares.md").read_text(encoding="utf-8")
    said = [
        line
        for block in read_blocks(text)
        if block.language == "text"
        for line in block.lines
        if line.strip()
    ]
    computed = [
        *fraction_lines(),
        *share_lines(),
        *suspect_lines(),
        *ledger_lines(),
        *simpson_lines(),
    ]
    assert said == computed
