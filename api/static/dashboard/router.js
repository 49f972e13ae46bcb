/** The address is the state: which view, which case, which filters. Going back goes back. */

import {useEffect, useState} from "/static/vendor/preact.js";

const listeners = new Set();

export function here() {
  const [, , view = "", id = ""] = location.pathname.split("/");
  return {view: view || "board", id: decodeURIComponent(id), query: new URLSearchParams(location.search)};
}

export function go(path, {replace = false} = {}) {
  history[replace ? "replaceState" : "pushState"](null, "", path);
  for (const tell of listeners) tell();
}

/** The path of the present view with some of its query changed; an empty value leaves out. */
export function withQuery(changes) {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  const text = query.toString();
  return `${location.pathname}${text ? `?${text}` : ""}`;
}

export function useAddress() {
  const [address, setAddress] = useState(here);
  useEffect(() => {
    const tell = () => setAddress(here());
    listeners.add(tell);
    addEventListener("popstate", tell);
    return () => {
      listeners.delete(tell);
      removeEventListener("popstate", tell);
    };
  }, []);
  return address;
}

/** Links within the dashboard change the address without loading the page anew. */
export function catchLinks(event) {
  const link = event.target.closest?.("a[href^='/ui']");
  if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  go(link.getAttribute("href"));
}
