/** Stages of a workflow, as its routes connect them. */

export const nextOf = (stage) => [...new Set(Object.values(stage?.outcomes ?? {}).map((route) => route.to).filter(Boolean))];

/** How many steps a stage is from the start, by the shortest way; those that no way leads to are at the start. */
export function depths(definition) {
  const depth = new Map(definition.start ? [[definition.start, 0]] : []);
  for (const [name, steps] of depth) {
    for (const next of nextOf(definition.stages[name])) if (!depth.has(next)) depth.set(next, steps + 1);
  }
  for (const name of Object.keys(definition.stages)) if (!depth.has(name)) depth.set(name, 0);
  return depth;
}

/** In the order in which a case comes to them: each after all that lead to it, however long the way; ways back left aside. */
export function inOrder(definition) {
  const depth = depths(definition);
  const names = [...depth.keys()];
  const leads = (one, other) => nextOf(definition.stages[one]).includes(other);
  const goesOn = (one, other) => leads(one, other) && (depth.get(other) > depth.get(one) || (depth.get(other) === depth.get(one) && !leads(other, one)));
  const rank = new Map(names.map((name) => [name, 0]));
  for (let round = 0; round < names.length; round += 1) {
    for (const one of names) for (const other of names) if (goesOn(one, other)) rank.set(other, Math.max(rank.get(other), Math.min(rank.get(one) + 1, names.length)));
  }
  return names.sort((one, other) => rank.get(one) - rank.get(other));
}
