/**
 * A protobuf message as a reader found it: the fields that were given, by .proto name, and nothing else. Enums are
 * names, 64-bit integers are bigints, 32-bit integers and floats numbers, repeated fields arrays.
 */
export type Message = Map<string, MessageValue>;

/** A map field's keys are strings whatever their type. */
export type MessageValue = Scalar | Message | MessageValue[];

export type Scalar = string | number | bigint | boolean | Uint8Array;
