/** Who works, what waits, what is stuck; and the switches. */

import {useMemo, useState} from "/static/vendor/preact.js";
import {plain, span, visible, words} from "../format.js";
import {Chart} from "../chart.js";
import {read, readText, write} from "../http.js";
import {sentence} from "../sentences.js";
import {Ago, At, Empty, Pill, Problem, Said, WithReason, html, useNow, useRead} from "../parts.js";

const LOOK_EVERY_MS = 3000;

export function Operations({live, me}) {
  const now = useNow();
  const turn = Math.floor(now / LOOK_EVERY_MS);
  const agents = useRead((signal) => read("/v1/agents", {signal}), [turn]);
  const load = useRead((signal) => read("/v1/load", {signal}), [turn]);
  const incidents = useRead((signal) => read("/v1/incidents", {signal}), [turn]);
  const holds = useRead((signal) => read("/v1/holds", {signal}), [turn]);
  const may = me.may.includes("run the board");
  const error = agents.error ?? load.error;
  return html`
    <div class="page">
      <h1>Operations</h1>
      ${error && html`<${Problem} error=${error} />`}
      <${Health} turn=${turn} />
      ${may && html`<${Brake} holds=${holds.value ?? []} />`}
      <div class="grid">
        <${Throughput} live=${live} turn=${turn} />
        <section class="panel"><h2>Outcomes</h2><${Outcomes} live=${live} /></section>
        <section class="panel"><h2>Incidents</h2><${Incidents} incidents=${incidents.value ?? []} now=${now} may=${may} /></section>
        <section class="panel"><h2>Queues</h2><${Queues} load=${load.value ?? []} agents=${agents.value ?? []} /></section>
        <section class="panel wide"><h2>Agents</h2><${Agents} agents=${agents.value ?? []} live=${live} now=${now} may=${may} /></section>
        <section class="panel"><h2>Held back</h2><${Holds} holds=${holds.value ?? []} now=${now} may=${may} /></section>
        <section class="panel wide"><h2>As it happens</h2><${Feed} live=${live} /></section>
      </div>
    </div>`;
}

function Agents({agents, live, now, may}) {
  const shown = agents.filter((agent) => agent.sessions.length > 0 || agent.holds > 0 || agent.state !== "active").sort((one, other) => other.holds - one.holds);
  if (shown.length === 0) return html`<${Empty} title="Nobody is at work">Start agents with <code>python -m agents</code>.<//>`;
  return html`
    <div class="scroll some" tabindex="0" role="region" aria-label="Agents"><table data-testid="agents">
      <thead><tr><th>Agent</th><th class="number">Holds</th><th class="number">Ended</th><th class="number">Failed</th><th class="number">Last heard</th><th><span class="seen-by-readers-only">Switch</span></th></tr></thead>
      <tbody>${shown.map((agent) => ({...agent, ...live.tempo.of(agent.name, now)})).map((agent) => html`
        <tr key=${agent.name}>
          <td><bdi>${agent.name}</bdi> ${agent.state !== "active" && html`<${Pill} word=${agent.state} />`}<br /><span class="quiet tiny">${agent.capabilities.join(", ")}</span></td>
          <td class="number">${agent.holds}</td><td class="number">${agent.done}</td><td class=${`number${agent.failures > 0 ? " bad" : ""}`}>${agent.failures}</td>
          <td class="number">${agent.sessions.length > 0 && html`<${Ago} time=${latest(agent.sessions)} now=${now} /> ago${agent.sessions.length > 1 && ` (${agent.sessions.length})`}`}</td>
          <td>${may && html`<${WithReason} title=${agent.state === "active" ? "Stop" : "Let go on"} isDanger=${agent.state === "active"} act=${(reason) => write(`/v1/agents/${agent.name}/${agent.state === "active" ? "suspend" : "resume"}`, {reason})} />`}</td>
        </tr>`)}
      </tbody>
    </table></div>
    <p class="small quiet">Ended and failed: in the last ten minutes, as far back as this page has listened.</p>`;
}

const latest = (sessions) => sessions.map((session) => session.heartbeat_at).sort().at(-1);

function Queues({load, agents}) {
  const able = (capability) => agents.filter((agent) => agent.sessions.length > 0 && agent.capabilities.includes(capability)).length;
  const shown = load.filter((queue) => queue.ready > 0 || queue.claimed > 0 || able(queue.capability) > 0)
    .sort((one, other) => (other.oldest_ready_s ?? -1) - (one.oldest_ready_s ?? -1) || other.claimed - one.claimed);
  if (shown.length === 0) return html`<${Empty} title="Nothing waits" />`;
  return html`
    <div class="scroll some" tabindex="0" role="region" aria-label="Queues"><table data-testid="queues">
      <thead><tr><th>For</th><th class="number">Ready</th><th class="number">Oldest</th><th class="number">At work</th><th class="number">Who may</th></tr></thead>
      <tbody>${shown.map((queue) => html`
        <tr key=${queue.capability}><td>${queue.capability}</td><td class="number">${queue.ready}</td><td class="number">${queue.oldest_ready_s === null ? "" : span(queue.oldest_ready_s)}</td><td class="number">${queue.claimed}</td><td class="number">${able(queue.capability)}</td></tr>`)}
      </tbody>
    </table></div>`;
}

function Incidents({incidents, now, may}) {
  if (incidents.length === 0) return html`<${Empty} title="No incidents">A task that is out of attempts would be here.<//>`;
  return html`<ul class="stack" data-testid="incidents">${incidents.map((incident) => html`
    <li key=${incident.task_id}>
      <p><${Pill} word=${incident.kind} as="bad" /> <a href=${`/ui/cases/${incident.case_id}`}>${words(incident.workflow)}, ${words(incident.stage)}</a>, for <${Ago} time=${incident.since} now=${now} /></p>
      <p class="small"><${Said} text=${incident.reason} limit=${300} /></p>
      ${may && html`<div class="choices"><${WithReason} title="Try again" act=${(reason) => write(`/v1/tasks/${incident.task_id}/redrive`, {reason})} /></div>`}
    </li>`)}</ul>`;
}

function Holds({holds, now, may}) {
  return html`
    ${holds.length === 0 && html`<${Empty} title="Nothing is held back" />`}
    <ul class="stack">${holds.map((hold) => html`
      <li key=${`${hold.kind} ${hold.name}`}><p><${Pill} word=${hold.kind} as="warn" /> <bdi>${visible(hold.name)}</bdi> by <bdi>${hold.by}</bdi>, for <${Ago} time=${hold.since} now=${now} /></p><p class="small quiet"><${Said} text=${hold.reason} limit=${300} /></p>
        ${may && html`<${WithReason} title="Let go on" act=${(reason) => write("/v1/holds/lift", {kind: hold.kind, name: hold.name, reason})} />`}</li>`)}
    </ul>
    ${may && html`<${NewHold} />`}`;
}

/** How the board itself is: the journal, who numbers it, the database. What it does not tell is not made up. */
function Health({turn}) {
  const found = useRead(async (signal) => numbers(await readText("/metrics", {signal})), [turn]);
  const of = found.value ?? {};
  const at = (name) => of[`blackboard_${name}`];
  const isUp = at("database_up") === 1;
  const tiles = [
    ["Database", found.value ? (isUp ? "up" : "does not answer") : null, isUp ? "good" : "bad"],
    ["Journal at", at("journal_position")?.toLocaleString(), ""],
    ["Waiting for a position", seconds(at("unsequenced_age_seconds")), at("unsequenced_age_seconds") > 5 ? "bad" : ""],
    ["Read models behind", seconds(at("reading_behind_seconds")), at("reading_behind_seconds") > 5 ? "warn" : ""],
    ["Sequencer", at("sequencer_leading") === undefined ? null : at("sequencer_leading") ? "this process" : "another process", ""],
    ["Oldest transaction", seconds(at("oldest_transaction_age_seconds")), at("oldest_transaction_age_seconds") > 60 ? "warn" : ""],
    ["Open streams", at("streams"), ""],
    ["Agents waiting", at("waiting_claims"), ""],
  ];
  return html`<dl class="tiles" data-testid="health">${tiles.map(([name, value, tone]) => html`<div key=${name}><dt>${name}</dt><dd class=${tone}>${value ?? "—"}</dd></div>`)}</dl>
    ${found.error && html`<p class="small quiet">The board's own numbers cannot be read: ${found.error.message}</p>`}`;
}

const seconds = (value) => (value === undefined ? undefined : value < 1 ? "0 s" : span(value));

/** Prometheus' text, those numbers without labels. */
function numbers(text) {
  const found = [...text.matchAll(/^(\w+) ([0-9.e+-]+)$/gm)].map(([, name, value]) => [name, Number(value)]);
  return Object.fromEntries(found);
}

/** Everything stops, or goes on: no claim is given out any more. Two steps, with a reason. */
function Brake({holds}) {
  const held = holds.find((hold) => hold.kind === "tenant");
  if (held) return html`
    <section class="notice bad" data-testid="brake"><p><strong>All work is stopped</strong> by <bdi>${visible(held.by)}</bdi>: ${visible(held.reason)}</p>
      <${WithReason} title="Let all go on" act=${(reason) => write("/v1/holds/lift", {kind: "tenant", name: held.name, reason})} /></section>`;
  return html`<div data-testid="brake"><${WithReason} title="Stop all work" isDanger warning="No agent is given another task of any case until somebody lets all go on. What is being worked on now may end." act=${(reason) => write("/v1/holds", {kind: "tenant", name: "everything", reason})} /></div>`;
}

function NewHold() {
  const [error, setError] = useState(null);
  const place = async (event) => {
    event.preventDefault();
    const form = event.target;
    try {
      await write("/v1/holds", Object.fromEntries(new FormData(form)));
      form.reset();
      setError(null);
    } catch (refused) {
      setError(refused);
    }
  };
  return html`
    <form class="stack" onSubmit=${place}>
      <div class="grid">
        <label>Hold back <select name="kind"><option>entity</option><option>workflow</option><option>capability</option><option>tenant</option></select></label>
        <label>Name <input name="name" required placeholder="account:CHK-001" /></label>
      </div>
      <label>Reason <input name="reason" required maxlength="200" /></label>
      ${error && html`<${Problem} error=${error} />`}
      <div><button class="danger">Hold back</button></div>
    </form>`;
}

/** Cases a second and how long they took, as far back as this page has listened. */
function Throughput({live, turn}) {
  const {times, opened, ended, failures, tookS} = useMemo(() => live.tempo.lines(Date.now()), [turn, live.tempo.sinceMs]);
  const rates = useMemo(() => [
    {label: "opened", colour: "--busy", values: opened},
    {label: "ended", colour: "--good", values: ended},
    {label: "failures", colour: "--bad", values: failures},
  ], [times]);
  const took = useMemo(() => [{label: "from opening to end, median", colour: "--warn", values: tookS}], [times]);
  return html`
    <section class="panel"><h2>Cases a second</h2><${Chart} times=${times} series=${rates} unit="" label="Cases opened and ended a second" /></section>
    <section class="panel"><h2>How long they took</h2>${tookS.some((each) => each !== null) ? html`<${Chart} times=${times} series=${took} unit=" s" label="How long cases took" />` : html`<${Empty} title="No case ended in these ten minutes" />`}</section>`;
}

function Outcomes({live}) {
  const ended = useMemo(() => [...live.cards.values()].filter((card) => card.closedAt), [live.version]);
  const byOutcome = useMemo(() => {
    const counts = new Map();
    for (const card of ended) counts.set(card.outcome, (counts.get(card.outcome) ?? 0) + 1);
    return [...counts].sort((one, other) => other[1] - one[1]);
  }, [ended]);
  if (ended.length === 0) return html`<${Empty} title="No case has ended yet" />`;
  return html`<table><tbody>${byOutcome.map(([outcome, count]) => html`<tr key=${outcome}><td><${Pill} word=${outcome} /></td><td class="number">${count}</td></tr>`)}</tbody></table>`;
}

function Feed({live}) {
  const [paused, setPaused] = useState(null);
  const [text, setText] = useState("");
  const events = paused ?? live.feed;
  const shown = useMemo(() => events.filter((event) => !text || plain(event).toLowerCase().includes(text.toLowerCase())).slice(-60).reverse(), [events, events.length, live.version, text]);
  return html`
    <div class="boardbar"><label class="rest"><span class="seen-by-readers-only">Filter</span><input type="search" placeholder="Filter" value=${text} onInput=${(event) => setText(event.target.value)} /></label>
      <button onClick=${() => setPaused(paused ? null : [...live.feed])} aria-pressed=${Boolean(paused)}>${paused ? "Go on" : "Pause"}</button>${paused && html`<span class="small quiet">stands still; what came since is not lost</span>`}</div>
    <div class="scroll some" tabindex="0" role="region" aria-label="Events"><table class="feed" data-testid="feed"><tbody>
      ${shown.map((event) => html`<tr key=${event.id}><td><${At} time=${event.time} /></td><td class="mono">${event.type}</td><td><bdi>${event.actor}</bdi> ${sentence(event).text}</td><td>${event.case_id && html`<a href=${`/ui/cases/${event.case_id}`}>case</a>`}</td></tr>`)}
    </tbody></table></div>`;
}
