import type { EnvelopeExtras } from './dialect.js';

/**
 * HOT PATH (docs/performance.md, "Where the speed lives"): what is told to many callers alike is worked out once. A view is kept
 * on the remembered value that it was made of, the reply's text on the view; both go when the value does.
 */
const TEXT = Symbol('text');

interface Kept<View> {
  /** A copy of the value carries this too, and is not meant. */
  readonly of: object;
  readonly view: View;
}

interface Told {
  [TEXT]?: { readonly of: object; envelope?: EnvelopeExtras; text?: string };
}

/** `make`, once for each value; neither the values nor what it makes of them may be changed afterwards. */
export function kept<V extends object, View extends object>(make: (value: V) => View): (value: V) => View {
  const slot = Symbol(make.name);
  return (value) => {
    const slots = value as Record<symbol, Kept<View> | undefined>;
    const known = slots[slot];
    if (known?.of === value) return known.view;
    const view: View & Told = make(value);
    view[TEXT] = { of: view };
    // Assigned, not defined: that would give each value a shape of its own.
    slots[slot] = { of: value, view };
    return view;
  };
}

/**
 * The text of the reply of the route whose `envelope` this is, as a string of its UTF-8 bytes ('latin1' to Node), so that no
 * reply encodes it again. Undefined for what is not {@link kept}, and for the first time that it is told: most values are told once.
 */
export function keptText(view: unknown, envelope: EnvelopeExtras, write: () => string): string | undefined {
  const told = typeof view === 'object' && view !== null ? (view as Told)[TEXT] : undefined;
  if (!told || told.of !== view) return undefined;
  if (told.envelope === envelope) return (told.text ??= Buffer.from(write()).toString('latin1'));
  told.envelope = envelope;
  told.text = undefined;
  return undefined;
}
