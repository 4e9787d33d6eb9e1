import { ModelFiles } from "./model-files.js";

/** Configuration of a model with an FP32 input `x` and output `y` of two elements; not compiled. */
export const pythonConfig = `
  backend: "python" platform: "pytorch" max_batch_size: 8
  input { name: "x" data_type: TYPE_FP32 dims: 2 }
  output { name: "y" data_type: TYPE_FP32 dims: 2 }
  parameters { key: "TORCH_COMPILE" value { string_value: "false" } }
`;

/** A module whose `forward` is this Python statement. */
export function pythonModule(statement: string): string {
  return `
import logging, time
import torch

class Net(torch.nn.Module):
    def forward(self, x):
        ${statement}
`;
}

/** A repository with the model `net`, version 1 of which is this Python code. */
export function pythonModel(code: string, more = ""): ModelFiles {
  return new ModelFiles({ "net/config.pbtxt": `${pythonConfig}${more}`, "net/1/model.py": code });
}
