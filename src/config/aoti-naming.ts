import { invalidArgument } from "../inference/serving-error.js";

/** The names of the tensors that a package takes and gives, in the order in which it does. */
export interface CallSpec {
  /** `ARGS[0]`, `ARGS[2][option1]`, `KWARGS[k]` */
  readonly inputs: readonly string[];
  /** `RESULT`, or `RESULT[0]`, `RESULT[key]`, `RESULT[key][0]` */
  readonly outputs: readonly string[];
}

/**
 * Names the leaves of a package's arguments and results.
 *
 * @param argumentTree the tree of `(args, kwargs)`, a PyTorch pytree as JSON
 * @param resultTree likewise, what is returned
 * @throws {ServingError} INVALID_ARGUMENT if these are no such trees
 * @see Triton PyTorch backend, "AOTInductor": naming by call specification
 */
export function readCallSpec(argumentTree: string, resultTree: string): CallSpec {
  const [args, kwargs] = rootOf(argumentTree).children_spec;
  if (args === undefined || kwargs === undefined) throw noTree(argumentTree);
  return {
    inputs: [...leafNames(args, "ARGS"), ...leafNames(kwargs, "KWARGS")],
    outputs: leafNames(rootOf(resultTree), "RESULT"),
  };
}

/** A node of a serialised pytree; a leaf has no type. */
interface TreeNode {
  readonly type: string | null;
  /** JSON in a string: a dictionary's keys. */
  readonly context: string | null;
  readonly children_spec: readonly TreeNode[];
}

function rootOf(tree: string): TreeNode {
  const root = (parsed(tree) as readonly [number, TreeNode] | null)?.[1];
  if (Array.isArray(root?.children_spec)) return root;
  throw noTree(tree);
}

/** null: no JSON. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

function noTree(tree: string): Error {
  return invalidArgument(`the package's call specification cannot be read: ${JSON.stringify(tree)}`);
}

function leafNames(node: TreeNode, name: string): string[] {
  if (node.type === null) return [name];
  const keys = dictionaryKeys(node);
  return node.children_spec.flatMap((child, i) => leafNames(child, `${name}[${keys?.[i] ?? i}]`));
}

/** undefined: its children are known by number, as those of lists and tuples. */
function dictionaryKeys({ type, context }: TreeNode): readonly unknown[] | undefined {
  if (context === null || !/(^|\.)(dict|OrderedDict|defaultdict)$/.test(type ?? "")) return undefined;
  const keys = parsed(context);
  return Array.isArray(keys) ? keys : (keys as { dict_context?: readonly unknown[] } | null)?.dict_context;
}

/**
 * Finds the leaf that each configured tensor is, by its name in the call specification or by its number:
 * `INPUT__n`, `OUTPUT__n`. Both ways may be mixed.
 *
 * @param model its name, for messages
 * @param names inputs: of all that the package is fed, and all its inputs have to be among them; outputs: any of them
 * @param leaves their names
 * @returns for each of `names` its position in `leaves`
 * @throws {ServingError} INVALID_ARGUMENT, listing the leaves, if a name is none, if two are the same leaf, or if an
 *   input is missing
 */
export function bindLeaves(
  model: string,
  direction: "input" | "output",
  names: readonly string[],
  leaves: readonly string[],
): readonly number[] {
  const ordinal = `${direction.toUpperCase()}__`;
  const list = leaves.map((leaf, i) => `${leaf} (${ordinal}${i})`).join(", ");
  const refuse = (reason: string) =>
    invalidArgument(
      `unable to load model '${model}', ${reason}; the ${direction}s of the package are ${list}`,
    );
  const positions = names.map((name) => {
    const position = leaves.indexOf(name);
    if (position >= 0) return position;
    const digits = name.startsWith(ordinal) ? /^\d+$/.exec(name.slice(ordinal.length))?.[0] : undefined;
    if (digits !== undefined && Number(digits) < leaves.length) return Number(digits);
    throw refuse(`it has no ${direction} '${name}'`);
  });
  for (const [i, position] of positions.entries()) {
    const first = positions.indexOf(position);
    if (first !== i) throw refuse(`${direction}s '${names[first]}' and '${names[i]}' are the same tensor`);
  }
  if (direction === "input" && positions.length < leaves.length) {
    const missing = leaves.filter((_, i) => !positions.includes(i));
    throw refuse(
      `configuration expects ${names.length} inputs, model provides ${leaves.length}: ` +
        `${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} missing`,
    );
  }
  return positions;
}
