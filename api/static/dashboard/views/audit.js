/** The journal, page by page, as it was written. */

import {useState} from "/static/vendor/preact.js";
import {words} from "../format.js";
import {read} from "../http.js";
import {sentence} from "../sentences.js";
import {At, Empty, Problem, html, useRead} from "../parts.js";
import {go, withQuery} from "../router.js";

const FIELDS = ["type", "workflow", "stage", "agent", "case"];

export function Audit({address}) {
  const {query} = address;
  const after = query.get("after") ?? "0";
  const filters = FIELDS.filter((name) => query.get(name)).map((name) => `&${name}=${encodeURIComponent(query.get(name))}`).join("");
  const found = useRead((signal) => read(`/v1/events?after=${after}&limit=200${filters}`, {signal, headers: {Accept: "application/json"}}), [after, filters]);
  const choose = (event) => {
    event.preventDefault();
    go(withQuery({...Object.fromEntries(new FormData(event.target)), after: ""}));
  };
  const events = found.value?.events ?? [];
  return html`
    <div class="page">
      <h1>Journal</h1>
      <form class="panel grid" onSubmit=${choose}>
        ${FIELDS.map((name) => html`<label key=${name}>${words(name)} <input name=${name} value=${query.get(name) ?? ""} placeholder=${name === "type" ? "case.*" : ""} /></label>`)}
        <div><button class="primary">Show</button></div>
      </form>
      ${found.error && html`<${Problem} error=${found.error} />`}
      ${found.value && events.length === 0 && html`<${Empty} title="No such entries here">Those after cursor ${after} that match; go on, or change the filter.<//>`}
      ${events.length > 0 && html`
        <section class="panel scroll"><table class="feed" data-testid="journal">
          <thead><tr><th class="number">Cursor</th><th>When</th><th>What</th><th>Who</th><th>About</th></tr></thead>
          <tbody>${events.map((event) => html`<${Entry} key=${event.id} event=${event} />`)}</tbody>
        </table></section>`}
      ${found.value && html`<p><a href=${withQuery({after: found.value.next})}>Go on after ${found.value.next}</a> · <a href=${withQuery({after: ""})}>From the beginning</a></p>`}
    </div>`;
}

function Entry({event}) {
  const [isOpen, setOpen] = useState(false);
  return html`
    <tr>
      <td class="number mono">${event.id}</td><td><${At} time=${event.time} day /></td><td class="mono">${event.type}</td>
      <td><bdi>${event.actor}</bdi></td>
      <td>${sentence(event).text} ${event.case_id && html`<a href=${`/ui/cases/${event.case_id}`}>case</a>`} <button class="plain" aria-expanded=${isOpen} onClick=${() => setOpen(!isOpen)}>Bytes</button>
        ${isOpen && html`<pre class="bytes">${JSON.stringify(event, null, 1)}</pre>`}</td>
    </tr>`;
}
