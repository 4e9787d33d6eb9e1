import type { ModelVersionPolicy } from "../config/model-config.js";

/**
 * The versions to load, ascending.
 *
 * @param available version numbers on disk, in any order
 * @param policy undefined: the latest one
 * @returns those of `specific` that are not on disk are left out
 * @see Triton `ModelVersionPolicy`
 */
export function versionsToLoad(
  available: readonly number[],
  policy: ModelVersionPolicy | undefined,
): number[] {
  const ascending = [...available].sort((a, b) => a - b);
  if (policy?.all !== undefined) return ascending;
  if (policy?.specific !== undefined) {
    const listed = policy.specific.versions;
    return ascending.filter((version) => listed.includes(version));
  }
  return ascending.slice(-Math.max(1, policy?.latest?.numVersions ?? 1));
}

/** Versions that the policy names and the disk does not have. */
export function missingVersions(
  available: readonly number[],
  policy: ModelVersionPolicy | undefined,
): number[] {
  return (policy?.specific?.versions ?? []).filter((version) => !available.includes(version));
}
