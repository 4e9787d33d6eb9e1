/** Whether the server is on its way out; shared by what answers and what stops it. */
export class Lifecycle {
  isExiting = false;
}
