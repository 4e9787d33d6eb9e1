/** How errors name the request they are about: `[request id: 7] ` or `[request id: <id_unknown>] `. */
export function requestIdPrefix(id: string): string {
  return `[request id: ${id === "" ? "<id_unknown>" : id}] `;
}
