import type { InstanceOptions } from "./engine-model.js";

/**
 * Which session each instance uses: instances on the same device share one, `shareCount` of them at most.
 *
 * @returns by instance, session numbers from 0 in order of first use
 * @see Triton TensorFlow backend, `MAX_SESSION_SHARE_COUNT`
 */
export function sharedSessions(instances: readonly InstanceOptions[], shareCount: number): number[] {
  const current = new Map<string, { session: number; users: number }>();
  let count = 0;
  return instances.map(({ kind, device }) => {
    const place = `${kind}:${device}`;
    const open = current.get(place);
    if (open !== undefined && open.users < shareCount) {
      open.users++;
      return open.session;
    }
    const session = count++;
    current.set(place, { session, users: 1 });
    return session;
  });
}
