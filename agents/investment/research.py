"""The research agent: answers a question with what the notes say of it, word for word, and says where each word stands."""

from agents.bank.client import Bank
from agents.investment.corpus import Corpus, Passage
from agents.investment.tool_log import note
from blackboard.agent import Assignment, Handler
from blackboard.answers import Fact
from blackboard.client import BoardClient
from blackboard.requests import Decision
from blackboard.values import Json


class Research:
    """`handle` is the agent."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus

    async def handle(self, assignment: Assignment) -> Decision:
        """Question, notes and answer become facts, each made of the one before: who doubts a note finds all it was used for."""
        payload = assignment.payload
        asked = await assignment.put("question", payload["question"], source_class="customer")
        wanted = payload.get("documents")
        passages = self._corpus.find(payload["question"], notes=wanted)
        found = [[passage.note, passage.number] for passage in passages]
        await note(assignment, "notes", {"question": payload["question"], "documents": wanted}, found)
        documents = await assignment.put("documents", self._used(passages), inputs=[_reference(asked)], tool="notes")
        inputs = [_reference(asked), _reference(documents)]
        await assignment.put("answer", answer(passages), inputs=inputs, tool="quotation")
        return decide(passages, assignment, self._unknown(wanted))

    def _used(self, passages: list[Passage]) -> list[Json]:
        """The notes that are quoted, with the digests of their texts."""
        return [self._corpus.notes[name]._asdict() for name in dict.fromkeys(passage.note for passage in passages)]

    def _unknown(self, wanted: list[str] | None) -> bool:
        return any(name not in self._corpus.notes for name in wanted or ())


def answer(passages: list[Passage]) -> Json:
    """The passages as they stand, each with its note and its place there. Nothing is added, so nothing is made up."""
    quotes = [{"document": passage.note, "passage": passage.number, "text": passage.text} for passage in passages]
    return {"text": "\n".join(f"{one['text']} [{one['document']}, {one['passage']}]" for one in quotes), "quotes": quotes}


def decide(passages: list[Passage], assignment: Assignment, names_unknown: bool) -> Decision:
    """Whatever was found, a person lets it out; a model is asked before where the client wishes so."""
    reasons = ["document_unknown"] if names_unknown else []
    if not passages:
        return Decision(outcome="nothing_found", reasons=[*reasons, "nothing_found"], confidence=1.0, reads=assignment.reads)
    outcome = "consult" if assignment.payload.get("second_opinion") else "answered"
    evidence = [f"{passage.note}:{passage.number}" for passage in passages]
    return Decision(
        outcome=outcome, reasons=[*reasons, "quoted_from_notes"], confidence=0.8, evidence=evidence, reads=assignment.reads
    )


def _reference(fact: Fact) -> str:
    return f"{fact.key}@{fact.version}"


def make(_bank: Bank, _board: BoardClient) -> Handler:
    """The agent at work."""
    return Research(Corpus.load()).handle
