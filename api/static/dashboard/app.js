/** The dashboard: a client of the board's own API and stream, and nothing more. */

import {html, render, useEffect, useState} from "/static/vendor/preact.js";
import {read} from "./http.js";
import {LiveBoard} from "./live.js";
import {Keys} from "./keys.js";
import {Problem, Sheet, useKeys} from "./parts.js";
import {catchLinks, go, useAddress} from "./router.js";
import {atMinute} from "./format.js";
import {signOut, watchFreshness, watchIdle} from "./session.js";
import {KeyForm, SignIn} from "./views/sign_in.js";
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
  const [ended, setEnded] = useState("");
  const leave = async (why = "") => { await signOut(); setEnded(why); setMe(null); };
  useEffect(() => {
    read("/v1/me").then(setMe, (refused) => (refused.status === 401 ? setMe(null) : setError(refused)));
  }, []);
  if (error) return html`<div class="signin"><${Problem} error=${error} /></div>`;
  if (me === undefined) return null;
  return me ? html`<${Shell} me=${me} key=${me.agent} onLeave=${leave} />` : html`<${SignIn} why=${ended} onSignedIn=${setMe} />`;
}

function Shell({me, onLeave}) {
  const address = useAddress();
  const live = useLive();
  const View = VIEWS[address.view] ?? Board;
  const [sheet, setSheet] = useState(null);
  const [asking, setAsking] = useState(null);
  useEffect(() => watchIdle(() => onLeave("You were signed out: nobody used this page for half an hour.")), []);
  useEffect(() => watchFreshness(setAsking), []);
  const answer = (was) => { asking.done(was); setAsking(null); };
  useKeys({"?": () => setSheet("keys"), "/": () => document.querySelector("[role=search] input")?.focus()});
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
          <button class="plain square" aria-label="Keys" title="Keys (?)" onClick=${() => setSheet("keys")}>?</button>
          <${Light} />
          <${Account} me=${me} onLeave=${onLeave} />
        </div>
      </header>
      <main class="main" id="main" tabindex="-1">
        ${live.error ? html`<div class="page"><${Problem} error=${live.error} /></div>` : html`<${View} me=${me} live=${live} address=${address} />`}
      </main>
      ${sheet === "keys" && html`<${Keys} onClose=${() => setSheet(null)} />`}
      ${asking && html`
        <${Sheet} title="Your key once more" onClose=${() => answer(false)}>
          <p class="quiet">You signed in a while ago. To approve, show that it is still you.</p>
          <${KeyForm} who=${me.agent} act="Go on" onSignedIn=${() => answer(true)} />
        <//>`}
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
  const state = connection.wasLost ? "waiting" : connection.state;
  const since = state === "waiting" || state === "ended" ? ` since ${atMinute(connection.sinceMs)}` : "";
  const why = connection.error?.message ?? "";
  return html`<span class=${`lamp ${state}`} role="status" data-testid="lamp" title=${why}><i></i>${LAMP[state]}${since}</span>`;
}

const LIGHTS = ["system", "light", "dark"];

/** The page's light: the system's, or the one that is chosen here and kept in this browser. */
function Light() {
  const [light, setLight] = useState(document.documentElement.dataset.light);
  const choose = (event) => {
    document.documentElement.dataset.light = event.target.value;
    localStorage.setItem("blackboard.light", event.target.value);
    setLight(event.target.value);
    dispatchEvent(new Event("lightchange"));
  };
  return html`<select class="light" aria-label="Light" title="Light or dark" value=${light} onChange=${choose}>${LIGHTS.map((each) => html`<option key=${each} value=${each}>${each[0].toUpperCase() + each.slice(1)}</option>`)}</select>`;
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

function Account({me, onLeave}) {
  return html`<span class="account small quiet" title=${`${me.role} of ${me.tenant}`}><bdi>${me.agent}</bdi></span>
    <button class="plain" onClick=${() => onLeave()}>Sign out</button>`;
}

render(html`<${App} />`, document.getElementById("app"));
