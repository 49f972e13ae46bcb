"""The thinking agent: asks a language model for its opinion on a case. It is off unless LLM_URL says where a model answers.

It gives opinions and nothing else: the model is given no tool, its answer is one of four words with reasons from a list, and
the agent's credential may neither review nor execute. Whoever talks the model into `approve` has won one opinion of several.
"""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from agents.bank.client import Bank
from agents.budget import Budget
from agents.dossier import Dossier, compile_dossier, tidy
from agents.prompt import FOLDER, Prompt
from blackboard.agent import Assignment, GiveUp, Handler, TryLater
from blackboard.client import BoardClient
from blackboard.requests import Opinion
from blackboard.values import Frozen, ReasonCode

if TYPE_CHECKING:
    import openai
    from pydantic_ai import Agent as Model

ABSTAIN = "abstain"
# What the library adds to a prompt: the schema of the answer, and what was wrong with the last one.
OVERHEAD_BYTES = 4_000


class ThinkingSettings(BaseSettings):
    """Where a model answers, in the form of chat completions, and what asking it may take."""

    model_config = SettingsConfigDict(env_prefix="LLM_", extra="ignore")

    url: str
    key: SecretStr
    model: Annotated[str, Field(min_length=1, max_length=200)]
    prompt: Path = FOLDER / "opinion.md"
    min_confidence: Annotated[float, Field(ge=0, le=1)] = 0.7
    max_tokens: Annotated[int, Field(ge=1, le=100_000)] = 600
    max_requests: Annotated[int, Field(ge=1, le=10)] = 2
    max_seconds: Annotated[float, Field(gt=0, le=600)] = 20
    max_usd_per_day: Annotated[Decimal, Field(ge=0, allow_inf_nan=False)] = Decimal("1.00")
    usd_per_million_in: Annotated[Decimal, Field(ge=0, allow_inf_nan=False)] = Decimal(5)
    usd_per_million_out: Annotated[Decimal, Field(ge=0, allow_inf_nan=False)] = Decimal(15)
    ledger: Path = Path(".blackboard/thinking.sqlite")


class Thought(Frozen):
    """Your opinion on the case."""

    verdict: Literal["approve", "reject", "refer", "abstain"]
    confidence: Annotated[float, Field(ge=0, le=1)]
    reasons: Annotated[list[ReasonCode], Field(min_length=1, max_length=4, description="words of the list of reasons")]
    evidence: Annotated[list[str], Field(max_length=20, description="entries of the document's `paths`")]


class Considered(NamedTuple):
    """A thought, and what it came from: the model that answered and the prompt."""

    thought: Thought
    provenance: list[str]


class Thinker:
    """`think` is what it does."""

    def __init__(self, settings: ThinkingSettings) -> None:
        self._settings = settings
        self._prompt = Prompt.load(settings.prompt)
        self._budget = Budget(settings.ledger, settings.max_usd_per_day)
        self._model: Model[Dossier, Thought] | None = None
        self._http: openai.DefaultAsyncHttpxClient | None = None

    async def close(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.aclose()

    async def handle(self, assignment: Assignment) -> Opinion:
        """Show the case, give the opinion that comes back, with what it rests on and where it came from."""
        task = assignment.task
        question = f"What is your opinion on this case of the workflow {task.workflow}, at its stage {task.stage}?"
        facts = {key: fact.value for key, fact in assignment.facts.items()}
        versions = {key: fact.version for key, fact in assignment.facts.items() if fact.state == "asserted"}
        dossier = compile_dossier(question, assignment.payload, facts, versions)
        thought, provenance = await self.think(dossier)
        return Opinion(
            **thought.model_dump(exclude={"evidence"}), evidence=[*thought.evidence, *provenance], reads=dossier.reads
        )

    async def think(self, dossier: Dossier) -> Considered:
        """One opinion, within every limit. What cannot be had within them is an abstention that says which it was."""
        today = datetime.now(UTC).date()
        most = self._cost(len(self._prompt.text) + len(dossier.text.encode()) + OVERHEAD_BYTES, self._settings.max_tokens)
        most *= self._settings.max_requests
        if not self._budget.take(today, most):
            return self._silent("over_budget")
        considered, cost = await self._within_limits(dossier, most)
        self._budget.give_back(today, max(most - cost, Decimal(0)))
        return considered

    async def _within_limits(self, dossier: Dossier, most: Decimal) -> tuple[Considered, Decimal]:
        """Ask, and what that cost. Of an answer that never came nobody knows what it cost: all that was taken."""
        from pydantic_ai import UsageLimitExceeded, UsageLimits
        from pydantic_ai.exceptions import ModelAPIError, ModelRequestRejectedError, UnexpectedModelBehavior

        limits = UsageLimits(request_limit=self._settings.max_requests)
        try:
            async with asyncio.timeout(self._settings.max_seconds):
                told = await self._asked().run(dossier.text, deps=dossier, usage_limits=limits)
        except TimeoutError:
            raise TryLater(f"the model did not answer within {self._settings.max_seconds:g} s") from None
        except ModelRequestRejectedError as error:
            raise GiveUp(f"the model's endpoint refuses: {type(error).__name__}") from error
        except ModelAPIError as error:
            raise TryLater(f"the model's endpoint does not answer: {type(error).__name__}") from error
        except (UnexpectedModelBehavior, UsageLimitExceeded):
            return self._silent("model_incoherent"), most
        usage = told.usage
        cost = self._cost(usage.input_tokens, usage.output_tokens) if usage.input_tokens else most
        return self._sure_enough(told.output, told.response.model_name or self._settings.model), cost

    def _sure_enough(self, thought: Thought, model: str) -> Considered:
        """The thought; where the model is not sure, that it has none."""
        provenance = [f"model:{tidy(model)[:100]}", self._prompt.reference]
        if thought.confidence < self._settings.min_confidence and thought.verdict != ABSTAIN:
            thought = thought.model_copy(update={"verdict": ABSTAIN, "reasons": ["model_unsure", *thought.reasons]})
        return Considered(thought, provenance)

    def _asked(self) -> "Model[Dossier, Thought]":
        """The library is loaded by those who think, with the first question: it takes two seconds."""
        if self._model is None:
            import openai

            # No redirects: the key and the case go where the operator said.
            self._http = openai.DefaultAsyncHttpxClient(follow_redirects=False, timeout=self._settings.max_seconds)
            self._model = _model(self._settings, self._prompt, self._http)
        return self._model

    def _cost(self, tokens_in: int, tokens_out: int) -> Decimal:
        """In dollars. A token is at least a byte, so bytes are never too few."""
        spent = tokens_in * self._settings.usd_per_million_in + tokens_out * self._settings.usd_per_million_out
        return spent / 1_000_000

    def _silent(self, reason: str) -> Considered:
        """No opinion, and why."""
        return Considered(Thought(verdict=ABSTAIN, confidence=0, reasons=[reason], evidence=[]), [self._prompt.reference])


def _model(settings: ThinkingSettings, prompt: Prompt, http: "openai.DefaultAsyncHttpxClient") -> "Model[Dossier, Thought]":
    """A model without tools, whose answer is checked against the document that it was shown."""
    import openai
    from pydantic_ai import Agent, ModelRetry, PromptedOutput, RunContext
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    # No retries: the library's own are not counted by the limits.
    client = openai.AsyncOpenAI(base_url=settings.url, api_key=settings.key.get_secret_value(), http_client=http, max_retries=0)
    model: Model[Dossier, Thought] = Agent(
        OpenAIChatModel(settings.model, provider=OpenAICompatibleProvider("thinking", openai_client=client)),
        output_type=PromptedOutput(Thought),
        instructions=f"{prompt.text}\n\nReasons: {', '.join(prompt.reasons)}.",
        deps_type=Dossier,
        model_settings={"max_tokens": settings.max_tokens},
        retries=settings.max_requests - 1,
    )

    @model.output_validator
    def grounded(context: RunContext[Dossier], thought: Thought) -> Thought:
        """Only reasons of the list, only what the document shows."""
        if unknown := sorted(set(thought.reasons) - set(prompt.reasons)):
            raise ModelRetry(f"reasons must be of the list; not {', '.join(unknown)}")
        if unseen := sorted(set(thought.evidence) - context.deps.paths):
            raise ModelRetry(f"evidence must be of `paths`; not {', '.join(unseen)}")
        return thought

    return model


def make(_bank: Bank, _board: BoardClient) -> Handler:
    """The agent at work."""
    return Thinker(ThinkingSettings()).handle
