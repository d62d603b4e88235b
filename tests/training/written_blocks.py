"""Lines of an article's own that are no prose and look like furniture."""

from pen import DAYS, Pen

SUBHEADS = (
    "What {bodies} want", "A question of {topic}", "A long road", "Two sides", "Who pays?",
    "What happens next", "Waiting for spring", "No easy answers", "Looking ahead", "The cost",
    "Old wounds", "Life in {place}", "Conclusion", "Background", "Method", "Results",
    "How it works", "Key points", "The verdict", "At a glance",
)  # fmt: skip


def subhead(pen: Pen) -> str:
    """A heading inside of an article."""
    return pen.fill(pen.pick(SUBHEADS))


def block(pen: Pen) -> list[str]:
    """A few lines of one kind."""
    return pen.pick(BLOCKS)(pen)


def questions(pen: Pen) -> list[str]:
    """Questions that readers ask, each with its answer."""
    lines = ["Frequently asked questions"]
    for _ in range(pen.chance.randint(2, 5)):
        word = pen.pick(("What", "Why", "How", "When"))
        asked = pen.pick(("is it needed", "will it open", "was it chosen", "can people help"))
        lines += [f"{word} {asked}?", pen.fill("The {topic} will take another {n} months.")]
    return lines


def merits(pen: Pen) -> list[str]:
    """What speaks for a thing and what against it."""
    good = ["Low cost", "Quick to build", "Quiet", "Easy to repair", "Creates local jobs"]
    bad = ["Needs more land", "Weak in winter", "Hard to insure", "Untested at scale"]
    good, bad = pen.chance.sample(good, 3), pen.chance.sample(bad, 3)
    return ["Pros:", *(f"  - {x}" for x in good), "Cons:", *(f"  - {x}" for x in bad)]


def digest(pen: Pen) -> list[str]:
    """Whole news items as bullets."""
    item = "- {org_s} in {place} {verb_p} the {topic} {tail}, the agency reported on {day}."
    return [pen.fill(item) for _ in range(pen.chance.randint(2, 5))]


def recipe(pen: Pen) -> list[str]:
    """What a dish needs."""
    sign = pen.pick(("•", "-", "*"))
    goods = ["g flour", "ml milk", "eggs", "cups sugar", "tbsp oil", "onions", "cloves garlic"]
    count = pen.chance.randint(4, 9)
    return [f"{sign} {pen.chance.randint(1, 500)} {pen.pick(goods)}" for _ in range(count)]


def steps(pen: Pen) -> list[str]:
    """What to do, by number."""
    acts = ["Heat the oven", "Mix flour and milk", "Leave the dough to rest", "Serve while hot"]
    ends = [".", " for an hour.", " and wait."]
    return [f"{k}. {pen.pick(acts)}{pen.pick(ends)}" for k in range(1, pen.chance.randint(4, 7))]


def verse(pen: Pen) -> list[str]:
    """Lines of a poem."""
    lines = [
        "The river keeps no count of years", "And nobody came to the door",
        "A lamp in the window, a coat on the chair", "We counted the boats going out",
        "Snow on the roofs of the yard", "The wind has a word for it still",
        "My mother would hum as she walked", "And all of the bells were asleep",
    ]  # fmt: skip
    count = pen.chance.randint(6, 14)
    return [pen.pick(lines) + pen.pick(("", ",", ";", ".")) for _ in range(count)]


def talk(pen: Pen) -> list[str]:
    """Two speakers in turn."""
    one, other = pen.pick(
        (("MODERATOR", "WITNESS"), ("Q", "A"), ("Interviewer", "Engineer"), ("HOST", "GUEST"))
    )
    asked = ["And then?", "What did you see?", "Were you afraid?", "How long did it take?"]
    told = ["It was dark, and we waited.", "Yes.", "About an hour, perhaps more.", "No."]
    turns = range(pen.chance.randint(3, 7))
    return [
        line for _ in turns for line in (f"{one}: {pen.pick(asked)}", f"{other}: {pen.pick(told)}")
    ]


def scores(pen: Pen) -> list[str]:
    """Results of games."""
    chance = pen.chance
    return [
        f"{pen.word()} {chance.randint(0, 5)}, {pen.word()} {chance.randint(0, 5)}"
        for _ in range(chance.randint(3, 8))
    ]


def table(pen: Pen) -> list[str]:
    """Rows of figures."""
    chance = pen.chance
    return [
        f"{k} {pen.word()} {chance.randint(10, 99)} {chance.randint(1, 30)}"
        for k in range(1, chance.randint(5, 10))
    ]


def event(pen: Pen) -> list[str]:
    """Where, when, how much."""
    where = f"{pen.pick(('Where', 'Venue'))}: {pen.word()} Hall"
    return [where, f"When: {pen.pick(DAYS)} at {pen.clock()}", "Tickets: from 12 at the door"]


def note(pen: Pen) -> list[str]:
    """A correction, a call-out or a quotation."""
    notes = (
        "Correction: an earlier version of this article misstated the cost of the {topic}.",
        "Did you know? The {topic} was first discussed in {y}.",
        "“We will not leave,” a resident of {place} said.",
        "Good to know: the {topic} is older than the town.",
    )
    return [pen.fill(pen.pick(notes))]


def parts(pen: Pen) -> list[str]:
    """Headings of a serial."""
    word = pen.pick(("Step", "Day", "Part", "Chapter"))
    heads = ["The start", "The long climb", "First results", "Home again", "Packing"]
    return [f"{word} {k}: {pen.pick(heads)}" for k in range(1, 4)]


BLOCKS = (questions, merits, digest, recipe, steps, verse, talk, scores, table, event, note, parts)
