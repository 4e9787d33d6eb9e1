import { invalidArgument } from "../inference/serving-error.js";
import { elementCount, formatShape, type Shape } from "../inference/shape.js";

/** The shapes that flat data can have where a model leaves one dimension open, or none. */
export class FlatShape {
  private readonly shape: Shape;
  private readonly variable: number;
  /** Elements for each step of the variable dimension; without one, all elements. */
  private readonly perStep: number;
  private readonly isAmbiguous: boolean;
  private lastCount = -1;
  private last: Shape = [];

  /** @param shape what the model takes, the batch dimension first if it has one, -1 variable */
  constructor(shape: Shape) {
    this.shape = shape;
    this.variable = shape.indexOf(-1);
    this.perStep = elementCount(shape.filter((dim) => dim !== -1));
    this.isAmbiguous = shape.lastIndexOf(-1) !== this.variable;
  }

  /**
   * @param count how many elements there are
   * @throws {ServingError} `INVALID_ARGUMENT` if no shape, or more than one, fits
   */
  of(count: number, where: string): Shape {
    if (count === this.lastCount) return this.last;
    this.last = this.deduce(count, where);
    this.lastCount = count;
    return this.last;
  }

  private deduce(count: number, input: string): Shape {
    const { shape, perStep, variable } = this;
    const form = formatShape(shape);
    if (this.isAmbiguous) {
      throw invalidArgument(
        `input '${input}': flat data fits ${form} in more than one way, pass { data, shape } or nested arrays`,
      );
    }
    if (variable === -1) {
      if (count === perStep) return shape;
      throw invalidArgument(`input '${input}': expected ${perStep} elements for ${form}, got ${count}`);
    }
    if (count % perStep !== 0) {
      throw invalidArgument(
        `input '${input}': expected a multiple of ${perStep} elements for ${form}, got ${count}`,
      );
    }
    return shape.with(variable, count / perStep);
  }
}
