/** The journal, page by page, as it was written. */

import {useState} from "/static/vendor/preact.js";
import {since, visible, words} from "../format.js";
import {read} from "../http.js";
import {sentence} from "../sentences.js";
import {At, Empty, Pill, Problem, html, useNow, useRead} from "../parts.js";
import {go, withQuery} from "../router.js";

const PAGE = 200;
const FIELDS = ["type", "workflow", "stage", "agent", "case"];

export function Audit({address}) {
  const {query} = address;
  const filters = FIELDS.filter((name) => query.get(name)).map((name) => `&${name}=${encodeURIComponent(query.get(name))}`).join("");
  const asked = query.get("after") ?? (filters ? "0" : "");
  const found = useRead(async (signal) => {
    const after = asked || (await newest(signal));
    return {after, ...(await read(`/v1/events?after=${after}&limit=${PAGE}${filters}`, {signal, headers: {Accept: "application/json"}}))};
  }, [asked, filters]);
  const after = found.value?.after ?? "0";
  const choose = (event) => {
    event.preventDefault();
    go(withQuery({...Object.fromEntries(new FormData(event.target))}));
  };
  const events = found.value?.events ?? [];
  return html`
    <div class="page">
      <h1>Journal</h1>
      <${Chain} />
      <form class="panel filters" onSubmit=${choose}>
        ${FIELDS.map((name) => html`<label key=${name}>${words(name)} <input name=${name} value=${query.get(name) ?? ""} placeholder=${name === "type" ? "case.*" : ""} /></label>`)}
        <label>after cursor <input name="after" value=${query.get("after") ?? ""} placeholder="1.1200" pattern="[0-9]+(\\.[0-9]+)?" title="A cursor such as 1.1200, or 0" /></label>
        <div class="choices"><button class="primary">Show</button> <a class="button" href=${`/v1/audit/export?after=${encodeURIComponent(after)}&limit=100000`} download="journal.ndjson">Export</a></div>
      </form>
      ${found.error && html`<${Problem} error=${found.error} />`}
      ${found.value && events.length === 0 && html`<${Empty} title="No such entries here">Those after cursor ${after} that match; go on, or change the filter.<//>`}
      ${events.length > 0 && html`
        <section class="panel scroll" tabindex="0" aria-label="Entries"><table class="feed" data-testid="journal">
          <thead><tr><th class="number">Cursor</th><th>When</th><th>What</th><th>Who</th><th>About</th></tr></thead>
          <tbody>${events.map((event) => html`<${Entry} key=${event.id} event=${event} />`)}</tbody>
        </table></section>`}
      ${found.value && html`<p><a href=${withQuery({after: found.value.next})}>Go on after ${found.value.next}</a> · <a href=${withQuery({after: "0"})}>From the beginning</a> · <a href="/ui/audit">The newest</a></p>`}
    </div>`;
}

/** The cursor after which the newest page begins. */
async function newest(signal) {
  const {epoch, position} = await read("/v1/cases?limit=1", {signal});
  return `${epoch}.${Math.max(0, position - PAGE)}`;
}

/** Whether the journal is the one that was sealed, as far as the board can say. */
function Chain() {
  const now = useNow(5000);
  const found = useRead((signal) => read("/v1/audit/chain", {signal}), [Math.floor(now / 15_000)]);
  if (found.error) return html`<p class="notice" data-testid="chain">${found.error.status === 404 ? "This board does not seal its journal, so nothing proves here that no entry was changed." : found.error.message}</p>`;
  if (!found.value) return null;
  const {head_position: head, sealed_position: sealed, sealed_at: at, seals, root, broken} = found.value;
  return html`
    <section class="panel" data-testid="chain"><h2>Chain <${Pill} word=${broken.length > 0 ? "broken" : "unbroken"} as=${broken.length > 0 ? "bad" : "good"} /></h2>
      <p>Sealed up to ${sealed} of ${head}${at && html`, ${since(at, now)} ago`}, in ${seals} seals.</p>
      ${root && html`<p class="small quiet wrap">Root <span class="mono">${root}</span></p>`}
      ${broken.length > 0 && html`<p class="bad">Broken at: ${visible(JSON.stringify(broken))}</p>`}
    </section>`;
}

function Entry({event}) {
  const [isOpen, setOpen] = useState(false);
  return html`
    <tr>
      <td class="number mono">${event.id}</td><td><${At} time=${event.time} day /></td><td class="mono">${event.type}</td>
      <td><bdi>${visible(event.actor)}</bdi></td>
      <td>${sentence(event).text || `${words(event.type.split(".")[1])}: ${words(event.stage)}`} ${event.case_id && html`<a href=${`/ui/cases/${event.case_id}`}>case</a>`} <button class="plain" aria-expanded=${isOpen} onClick=${() => setOpen(!isOpen)}>Bytes</button>
        ${isOpen && html`<pre class="bytes" dir="ltr">${visible(JSON.stringify(event, null, 1))}</pre>`}</td>
    </tr>`;
}
