import type { BatchOutput } from "./completions.js";
import type { EngineOutput, EngineRequest, TensorSpec } from "./engine-model.js";
import { type Scatter, scatterOutput } from "./scatter-output.js";
import { splitOutput, wholeOutput } from "./split-output.js";

/** How a model's outputs are divided among the requests of a batch; the same for every execution. */
export interface CuttingRules {
  readonly outputs: readonly TensorSpec[];
  /** Whether dimension 0 is the batch dimension, along which outputs are split. */
  readonly batched: boolean;
  /** By output, how those are cut that have no batch dimension; undefined: there are none. */
  readonly scatters: readonly (Scatter | undefined)[] | undefined;
}

/** Divides the outputs of one execution among its requests. One is made per execution. */
export class OutputCutter {
  private readonly rules: CuttingRules;
  private readonly outputs: readonly BatchOutput[];
  private readonly totalRows: number;
  private readonly requests: readonly EngineRequest[];
  /** Parts by output, once a request has asked for one. */
  private scattered: EngineOutput[][] | undefined;
  private row = 0;
  private index = 0;

  /**
   * @param totalRows of the batch
   * @param requests in batch order; may be empty if no output is scattered
   */
  constructor(
    rules: CuttingRules,
    outputs: readonly BatchOutput[],
    totalRows: number,
    requests: readonly EngineRequest[],
  ) {
    this.rules = rules;
    this.outputs = outputs;
    this.totalRows = totalRows;
    this.requests = requests;
  }

  /**
   * The outputs that a request wants, in its order. To be called once for each request, in batch order.
   *
   * @throws {ServingError} `UNIMPLEMENTED` or `INTERNAL` if the model gave less, or other, than the batch needs
   */
  next({ rows, outputs: wanted }: EngineRequest): EngineOutput[] {
    const { outputs, row, index } = this;
    this.row += rows;
    this.index++;
    const given: EngineOutput[] = [];
    if (wanted === undefined) {
      // The batch then has all outputs, at their own positions.
      for (let i = 0; i < outputs.length; i++) {
        given.push(this.part(outputs[i] as BatchOutput, index, row, rows));
      }
      return given;
    }
    for (const position of wanted) {
      const output = outputs.find((candidate) => candidate.position === position) as BatchOutput;
      given.push(this.part(output, index, row, rows));
    }
    return given;
  }

  private part(output: BatchOutput, index: number, row: number, rows: number): EngineOutput {
    const { outputs, batched, scatters } = this.rules;
    const scatter = scatters?.[output.position];
    if (scatter !== undefined) return this.scatteredParts(output, scatter)[index] as EngineOutput;
    if (!batched) return wholeOutput(output);
    const { name } = outputs[output.position] as TensorSpec;
    return splitOutput(output, name, row, rows, this.totalRows);
  }

  private scatteredParts(output: BatchOutput, scatter: Scatter): EngineOutput[] {
    this.scattered ??= [];
    const known = this.scattered[output.position];
    if (known !== undefined) return known;
    const shapes = this.requests.map((request) => request.shapes[scatter.source]);
    const parts = scatterOutput(output, scatter, shapes);
    this.scattered[output.position] = parts;
    return parts;
  }
}
