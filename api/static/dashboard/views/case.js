/** One case: where it is, what happened, what is known, who thought what, what is sent to the bank. */

import {useEffect, useMemo, useState} from "/static/vendor/preact.js";
import {amountOf, money, plain, shortId, since, took, visible, words} from "../format.js";
import {read} from "../http.js";
import {Picture} from "../picture.js";
import {sentence} from "../sentences.js";
import {At, Bytes, Empty, Pairs, Pill, Problem, Said, Sheet, html, useNow, useRead, useTurn} from "../parts.js";

const ABOUT = /^(case|task|fact|action|opinion|decision|question|review|duty|signal|write)\./;

export function CaseView({live, address, me}) {
  const id = useCaseId(address.id);
  const seen = useTurn(live, (event) => event.case_id === id.value, [id.value], 60);
  const found = useRead(async (signal) => id.value && read(`/v1/cases/${id.value}`, {signal}), [id.value, seen]);
  const story = useRead(async (signal) => id.value && read(`/v1/cases/${id.value}/explain`, {signal}), [id.value, seen]);
  const events = useHistory(id.value, seen);
  const error = id.error ?? found.error;
  if (error) return html`<div class="page"><${Problem} error=${error} /><p><a href="/ui/board">Back to the board</a></p></div>`;
  const shown = found.value;
  if (!shown) return html`<${Empty} title="Reading the case …" />`;
  const definition = live.workflows.find((workflow) => workflow.name === shown.workflow)?.definition;
  return html`
    <article class="page" data-testid="case">
      <${Head} found=${shown} answer=${story.value?.answer} definition=${definition} events=${events} />
      <div class="two">
        <div class="stack">
          <${Open} found=${shown} me=${me} />
          <section class="panel"><h2>What happened</h2><${Timeline} events=${events} from=${shown.opened_at} /></section>
          <${Actions} actions=${shown.actions} />
        </div>
        <div class="stack">
          <section class="panel"><h2>What was asked</h2><${Pairs} of=${shown.payload} /></section>
          <${Facts} id=${shown.id} facts=${shown.facts} events=${events} />
          <${Opinions} found=${shown} />
          <${Derivation} story=${story.value} />
          <${Related} found=${shown} live=${live} />
          <${Evidence} found=${shown} story=${story.value} events=${events} />
        </div>
      </div>
    </article>`;
}

/** A case is found by its id, or by its number. */
function useCaseId(text) {
  const isNumber = /^[0-9]+$/.test(text);
  const found = useRead(async (signal) => (isNumber ? read(`/v1/cases?number=${text}`, {signal}) : null), [text]);
  if (!isNumber) return {value: text, error: null};
  const [first] = found.value?.cases ?? [];
  const missing = found.value && !first ? new Error(`There is no case with the number ${text}.`) : null;
  return {value: first?.id ?? null, error: found.error ?? missing};
}

/** Its part of the journal, from the beginning; what comes later is added. */
function useHistory(id, seen) {
  const [events, setEvents] = useState([]);
  useEffect(() => {
    let over = false;
    const go = async () => {
      let after = events.at(-1)?.case_id === id ? events.at(-1).id : "0";
      const more = after === "0" ? [] : [...events];
      for (;;) {
        const page = await read(`/v1/events?case=${id}&after=${after}&limit=1000`, {headers: {Accept: "application/json"}});
        more.push(...page.events);
        if (page.next === after || over) break;
        after = page.next;
      }
      if (!over) setEvents(more);
    };
    if (id) go().catch(() => {});
    return () => { over = true; };
  }, [id, seen]);
  return events;
}

function Head({found, answer, definition, events}) {
  const now = useNow();
  const passed = new Set(events.filter((event) => event.type === "case.moved").map((event) => event.data.from_stage));
  return html`
    <header class="casehead">
      <div class="row">
        <h1>${words(found.workflow)} ${found.number ? `№ ${found.number}` : html`<span class="mono">${shortId(found.id)}</span>`}</h1>
        <${Pill} word=${found.outcome ?? found.state} />
        <span class="amount">${amountOf(found.payload)}</span>
      </div>
      <p class="quiet">${found.subject && html`<bdi class="cut">${visible(found.subject)}</bdi> · `}asked by <bdi>${found.opened_by}</bdi> ${since(found.opened_at, now)} ago ${found.due_at && html`· due <${At} time=${found.due_at} day />`}</p>
      ${answer && html`<p>${answer}</p>`}
      ${definition && html`<${Picture} definition=${definition} here=${found.stage} passed=${passed} isOver=${Boolean(found.closed_at)} />`}
    </header>`;
}

function Timeline({events, from}) {
  const told = useMemo(() => tell(events), [events]);
  if (told.length === 0) return html`<p class="quiet">Nothing has a position in the journal yet.</p>`;
  return html`
    <ol class="timeline" data-testid="timeline">
      ${told.map(({event, text, tone, more, lasted}, n) => html`
        <li key=${event.id} class=${tone}>
          <span class="when"><${At} time=${event.time} /><span class="tiny quiet">+${took(n === 0 ? from : told[0].event.time, event.time)}</span></span><span class="dot"></span>
          <span class="what"><bdi>${visible(event.actor)}</bdi> ${text}${lasted && html` <span class="quiet small">in ${lasted}</span>`}${more && html`<br /><span class="quiet small"><${Said} text=${more} limit=${200} /></span>`}</span>
        </li>`)}
    </ol>`;
}

/** What happened in sentences; of a task that ended, also how long its holder had it. */
function tell(events) {
  const began = new Map();
  const told = [];
  for (const event of events.filter((each) => ABOUT.test(each.type))) {
    if (event.type === "task.claimed") began.set(event.task_id, event.time);
    const since_ = /^(task\.decided|task\.failed|opinion\.given)$/.test(event.type) ? began.get(event.task_id) : null;
    const line = sentence(event);
    if (line.text) told.push({event, ...line, lasted: since_ ? took(since_, event.time) : ""});
  }
  return told;
}

// What changed what was known, or was decided upon it.
const MOMENTS = /^(fact|decision|action)\.|^(task\.decided|opinion\.given|case\.closed)$/;

/** What is known now, or what was known when something happened. */
function Facts({id, facts, events}) {
  const [chosen, setChosen] = useState(null);
  const [moment, setMoment] = useState("");
  const then = useRead(async (signal) => moment && read(`/v1/cases/${id}/facts?position=${moment}`, {signal}), [id, moment]);
  if (Object.keys(facts).length === 0) return null;
  const known = moment ? (then.value?.facts ?? []).map((fact) => [fact.key, fact]) : Object.entries(facts);
  const moments = events.filter((event) => MOMENTS.test(event.type));
  return html`
    <section class="panel"><div class="choices"><h2>What ${moment ? "was" : "is"} known</h2>
      <select class="rest light" aria-label="As of" value=${moment} onChange=${(event) => setMoment(event.target.value)}>
        <option value="">now</option>${moments.map((event) => html`<option key=${event.id} value=${event.id}>when ${visible(event.actor)} ${sentence(event).text}</option>`)}</select></div>
      ${then.error && html`<${Problem} error=${then.error} />`}
      ${moment && then.value && known.length === 0 && html`<p class="quiet">Nothing yet.</p>`}
      <ul class="facts" data-testid="facts">${known.map(([key, fact]) => html`
        <li key=${key}>
          <div class="row"><strong>${words(key)}</strong>${fact.state !== "asserted" && html`<${Pill} word=${fact.state} as="warn" />`}<button class="plain" onClick=${() => setChosen(key)}>Version ${fact.version}</button></div>
          <div><${Said} text=${plain(fact.value)} limit=${160} /></div>
          <${Origin} fact=${fact} />
        </li>`)}</ul>
      ${chosen && html`<${Versions} id=${id} name=${chosen} onClose=${() => setChosen(null)} onGo=${setChosen} />`}
    </section>`;
}

/** Whose word it is, and what it was made of. */
function Origin({fact}) {
  return html`<p class="quiet tiny">by <bdi>${visible(fact.by)}</bdi>, ${words(fact.source_class)}${fact.source && html`, <bdi>${visible(fact.source)}</bdi>`}${fact.model && html`, model ${visible(fact.model)}`} · trust ${fact.trust} of 3${fact.inputs.length > 0 && html` · made of ${fact.inputs.map(visible).join(", ")}`}</p>`;
}

/** All versions of a fact, newest first; what one was made of leads to that fact. */
function Versions({id, name, onClose, onGo}) {
  const found = useRead((signal) => read(`/v1/cases/${id}/facts/${encodeURIComponent(name)}`, {signal}), [id, name]);
  const versions = [...(found.value?.facts ?? [])].reverse();
  return html`
    <${Sheet} key=${name} title=${words(name)} onClose=${onClose}>
      ${found.error && html`<${Problem} error=${found.error} />`}
      <ol class="stack" data-testid="versions">${versions.map((fact) => html`
        <li key=${fact.version}>
          <p><strong>Version ${fact.version}</strong> <${At} time=${fact.at} day /> ${fact.state !== "asserted" && html`<${Pill} word=${fact.state} as="warn" />`}</p>
          <p><${Said} text=${plain(fact.value)} /></p><${Origin} fact=${fact} />
          ${fact.judged_by && html`<p class="small">${words(fact.state)} by <bdi>${visible(fact.judged_by)}</bdi>: <${Said} text=${fact.judgement ?? ""} /></p>`}
          ${fact.inputs.length > 0 && html`<p class="small">Look at ${fact.inputs.map((input) => html`<button key=${input} class="plain" onClick=${() => onGo(input.split("@")[0])}>${visible(input)}</button>`)}</p>`}
        </li>`)}</ol>
    <//>`;
}

function Opinions({found}) {
  if (found.decisions.length === 0 && found.questions.length === 0) return null;
  return html`
    <section class="panel"><h2>How it was decided</h2>
      <ul class="stack">
        ${found.decisions.map((made) => html`
          <li key=${made.id}>
            <p><${Pill} word=${made.outcome} /> at ${words(made.stage)} by <bdi>${made.by}</bdi>${made.policy && html`, under <span class="mono">${made.policy}</span>`}</p>
            <p class="quiet small">${(made.reasons ?? []).map(words).join(", ")}</p>
            ${(made.dissent ?? []).map((voice) => html`<p class="small" key=${plain(voice)}><${Pill} word="dissent" as="warn" /> <bdi>${visible(voice.agent ?? voice.by ?? voice.seat ?? "")}</bdi> ${words(voice.verdict)}, ${(voice.reasons ?? []).map(words).join(", ")}</p>`)}
          </li>`)}
        ${found.questions.map((asked) => html`<li key=${`${asked.stage} ${asked.visit}`}>
          <p><strong>${visible(asked.question)}</strong></p>
          <p class="quiet small">${asked.answered} of ${asked.seats} have spoken${asked.state === "open" && "; what they said is shown when it is counted"}</p>
          <ul>${asked.opinions.map((said) => html`<li key=${said.seat} class="opinion"><${Pill} word=${said.verdict} /> <bdi>${visible(said.by)}</bdi>${said.score != null && html` · score ${said.score}`}${said.confidence != null && html` · sure to ${Math.round(said.confidence * 100)} %`}<br /><span class="quiet small">${said.reasons.map(words).join(", ")}</span></li>`)}</ul>
        </li>`)}
      </ul>
    </section>`;
}

/** How it came about, told by the board from what it kept. */
function Derivation({story}) {
  if (!story?.chapters?.length) return null;
  return html`
    <section class="panel"><h2>Told step by step</h2>
      ${story.chapters.map((chapter, n) => html`<details key=${n}><summary>${visible(chapter.title)}</summary><ul>${chapter.lines.map((line, at) => html`<li key=${at} class="small"><${Said} text=${line} limit=${300} /></li>`)}</ul></details>`)}
    </section>`;
}

function Actions({actions}) {
  return actions.map((action) => html`
    <section class="panel" key=${action.id}>
      <h2>${words(action.kind)} at the bank <${Pill} word=${action.state} /></h2>
      <p class="quiet small">Exactly these bytes are authorized and sent, once:</p>
      <${Bytes} payload=${action.payload} digest=${action.digest} />
      <${Pairs} of=${{"sent under": action.effect_key, attempts: action.attempts, "granted by": action.authorization?.granted_by, "under policy": action.authorization?.policy, "spent by": action.authorization?.spent_by}} />
      ${action.receipt && html`<h3>The bank's answer</h3><${Pairs} of=${{...action.receipt, amount: money(action.receipt.amount, action.receipt.currency)}} />`}
      ${action.evidence.map((said) => html`<p class="small" key=${said.at}>Said afterwards by <bdi>${visible(said.by)}</bdi>: ${words(said.state)}, <${Said} text=${said.reason} /></p>`)}
    </section>`);
}

/** Other cases of the same customer or account, newest first. */
function Related({found, live}) {
  const asked = useRead(async (signal) => found.subject && read(`/v1/cases?subject=${encodeURIComponent(found.subject)}&limit=12`, {signal}), [found.id, found.subject]);
  const others = (asked.value?.cases ?? []).filter((each) => each.id !== found.id);
  if (others.length === 0) return null;
  return html`
    <section class="panel"><h2>Others of the same</h2>
      <ul class="lines" data-testid="related">${others.map((each) => html`
        <li key=${each.id}><a href=${`/ui/cases/${each.id}`}>${words(each.workflow)} ${each.number ? `№ ${each.number}` : shortId(each.id)}</a><span class="amount">${amountOf(each.payload)}</span><${Pill} word=${live.cards.get(each.id)?.outcome ?? each.outcome ?? each.stage} /></li>`)}</ul>
    </section>`;
}

/** Who has it now, and what it waits for. */
function Open({found, me}) {
  const now = useNow();
  const open = found.tasks.filter((task) => !task.finished_at);
  if (open.length === 0) return null;
  return html`
    <section class="panel"><h2>Now</h2>
      ${open.map((task) => html`
        <div key=${task.id}>
          <p><${Pill} word=${task.state} /> ${words(task.stage)}, ${task.is_review ? "for a person" : html`for <span class="mono">${task.capability}</span>`}</p>
          ${task.holder && html`<p>held by <bdi>${task.holder.agent}</bdi> for ${since(task.holder.granted_at, now)}, until <${At} time=${task.holder.deadline_at} /></p>`}
          ${task.waits_for.map((reason) => html`<p class="small quiet" key=${reason.key}>waits: ${words(reason.reason)} ${reason.key}</p>`)}
          ${task.is_review && html`<p><a class="button" href=${`/ui/reviews/${task.id}`}>${me.may.includes("work on a task") ? "Open the review" : "See the review"}</a></p>`}
        </div>`)}
    </section>`;
}

/** What an auditor verifies without the board: its own document of the case, or what this page knows where the board has none. */
function Evidence({found, story, events}) {
  const [made, setMade] = useState(null);
  const make = async () => {
    const whole = await read(`/v1/cases/${found.id}/evidence`).catch(() => null);
    const text = JSON.stringify(whole ?? {case: found, story, events}, null, 1);
    setMade({address: URL.createObjectURL(new Blob([text], {type: "application/json"})), isWhole: Boolean(whole)});
  };
  useEffect(() => () => made && URL.revokeObjectURL(made.address), [made]);
  return html`
    <section class="panel"><h2>Evidence</h2>
      <p class="quiet small">All that is kept of the case, as one JSON file${made && !made.isWhole ? "; without seals, which this board does not give to you" : ""}.</p>
      <p>${made ? html`<a class="button" href=${made.address} download=${`case-${found.number ?? found.id}.json`}>Save the file</a>` : html`<button onClick=${make}>Put together</button>`}</p>
    </section>`;
}
