/** What starts a workflow. */
export interface WorkflowEvents {
  /** Whether the EventBus is rendered too; a namespace has one. */
  readonly bus: boolean;
  /** Secret whose key `secret` proves who sends events. */
  readonly secret: string;
  /** Where the sender reaches the event source. */
  readonly url: string;
  /** Tags pushed to this repository of GitHub; without it, anybody who has the secret posts `{"tag", "revision"}`. */
  readonly github?: { readonly owner: string; readonly repository: string };
}

const tagPattern = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}";

/** What the templates of event source and sensor say of an event. */
export function workflowEvents(events: WorkflowEvents): object {
  if (events.github !== undefined) {
    const tag = '{{ .Input.body.ref | trimPrefix "refs/tags/" }}';
    return {
      ...events,
      filters: [
        { path: "body.ref", type: "string", value: `^refs/tags/${tagPattern}$` },
        // That a tag was deleted is a push, too.
        { path: "body.deleted", type: "bool", value: "false" },
      ],
      tagSource: "dataTemplate",
      tag,
      revision: tag,
    };
  }
  return {
    ...events,
    filters: [
      { path: "body.tag", type: "string", value: `^${tagPattern}$` },
      { path: "body.revision", type: "string", value: "^[A-Za-z0-9_][A-Za-z0-9_./-]{0,254}$" },
    ],
    tagSource: "dataKey",
    tag: "body.tag",
    revision: "body.revision",
  };
}
