/** The dashboard: a client of the board's own API and stream, and nothing more. */

import {html, render, useEffect, useState} from "/static/vendor/preact.js";
import {read, write} from "./http.js";
import {LiveBoard} from "./live.js";
import {Problem, useNow} from "./parts.js";
import {catchLinks, go, useAddress} from "./router.js";
import {span} from "./format.js";
import {SignIn} from "./views/sign_in.js";
import {Board} from "./views/board.js";
import {CaseView} from "./views/case.js";
import {Reviews} from "./views/reviews.js";
import {Operations} from "./views/operations.js";
import {Audit} from "./views/audit.js";

const VIEWS = {board: Board, cases: CaseView, reviews: Reviews, operations: Operations, audit: Audit};
const NAV = [["board", "Board"], ["reviews", "Reviews"], ["operations", "Operations"], ["audit", "Audit"]];
const LAMP = {live: "Live", connecting: "Catching up", waiting: "Offline", ended: "Ended"};

function App() {
  const [me, setMe] = useState(undefined);
  const [error, setError] = useState(null);
  useEffect(() => {
    read("/v1/me").then(setMe, (refused) => (refused.status === 401 ? setMe(null) : setError(refused)));
  }, []);
  if (error) return html`<div class="signin"><${Problem} error=${error} /></div>`;
  if (me === undefined) return null;
  return me ? html`<${Shell} me=${me} key=${me.agent} />` : html`<${SignIn} onSignedIn=${setMe} />`;
}

function Shell({me}) {
  const address = useAddress();
  const live = useLive();
  const View = VIEWS[address.view] ?? Board;
  useEffect(() => {
    document.title = `${NAV.find(([view]) => view === address.view)?.[1] ?? "Case"} · Blackboard`;
  }, [address.view]);
  return html`
    <div class="shell" onClick=${catchLinks}>
      <a class="skip" href="#main">Skip to the content</a>
      <header class="topbar">
        <a class="brand" href="/ui/board"><img src="/static/dashboard/icon.svg" alt="" /><span>Blackboard</span></a>
        <nav class="nav" aria-label="Views">
          ${NAV.map(([view, title]) => html`
            <a key=${view} href=${`/ui/${view}`} aria-current=${address.view === view ? "page" : undefined}>${title}</a>`)}
        </nav>
        <div class="rest">
          <${Search} />
          <${Lamp} connection=${live.connection} />
          <${Account} me=${me} />
        </div>
      </header>
      <main class="main" id="main" tabindex="-1">
        ${live.error ? html`<div class="page"><${Problem} error=${live.error} /></div>` : html`<${View} me=${me} live=${live} address=${address} />`}
      </main>
    </div>`;
}

/** One live board for the whole page; views are drawn again when it says that something changed. */
function useLive() {
  const [live] = useState(() => new LiveBoard());
  const [, setVersion] = useState(0);
  useEffect(() => {
    const ignore = live.listen(() => setVersion(live.version));
    void live.start();
    return () => { ignore(); live.stop(); };
  }, [live]);
  return live;
}

function Lamp({connection}) {
  const now = useNow();
  const away = connection.state === "waiting" ? ` since ${span((now - connection.sinceMs) / 1000)}` : "";
  return html`<span class=${`lamp ${connection.state}`} role="status" data-testid="lamp"><i></i>${LAMP[connection.state]}${away}</span>`;
}

/** A number or an id leads to the case; anything else filters the board. */
function Search() {
  const [text, setText] = useState("");
  const find = (event) => {
    event.preventDefault();
    const wanted = text.trim();
    if (!wanted) return;
    go(/^[0-9]+$|^[0-9a-f-]{36}$/i.test(wanted) ? `/ui/cases/${wanted}` : `/ui/board?search=${encodeURIComponent(wanted)}`);
    setText("");
  };
  return html`<form class="search" role="search" onSubmit=${find}>
    <input type="search" placeholder="Case, customer, account" aria-label="Find a case" value=${text} onInput=${(event) => setText(event.target.value)} />
  </form>`;
}

function Account({me}) {
  const leave = async () => { await write("/v1/login", undefined, "DELETE"); location.assign("/ui"); };
  return html`<span class="small quiet" title=${`${me.role} of ${me.tenant}`}><bdi>${me.agent}</bdi></span>
    <button class="plain" onClick=${leave}>Sign out</button>`;
}

render(html`<${App} />`, document.getElementById("app"));
