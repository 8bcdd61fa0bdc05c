import { z } from 'zod';

/** What a setting's documentation says beside its type. */
export interface SettingInfo {
  /** What it does, its unit, and what follows from changing it. */
  doc: string;
  /** A value as it stands in the environment; for a secret, one that nobody would use. */
  example: string;
  /** Never shown; may also be given as a mounted file, `<NAME>_FILE`. */
  secret?: boolean;
}

const settingInfos = z.registry<SettingInfo>();

/**
 * Declares one setting; the outermost call around its type, so after `.default()` or `.optional()`.
 * The type takes the text of the environment variable, undefined when that is absent.
 */
export function setting<T extends z.ZodType>(type: T, info: SettingInfo): T {
  // A copy, because the registry knows types by identity and two settings may share one.
  const declared = type.clone();
  settingInfos.add(declared, info);
  return declared;
}

/** One row of docs/settings.md. */
export interface SettingRow {
  name: string;
  /** As it would stand in the environment; null when the setting has none. */
  default: string | null;
  /** Without it the process does not start. */
  required: boolean;
  secret: boolean;
  doc: string;
  example: string;
}

/** The settings of a schema in the order of their declaration. Throws when one was not declared by `setting`. */
export function describeSettings(schema: z.ZodObject): SettingRow[] {
  return Object.entries(schema.shape).map(([name, type]) => {
    const info = settingInfos.get(type as z.ZodType);
    if (info === undefined) throw new TypeError(`${name} is not declared by setting()`);
    return {
      name,
      default: type instanceof z.ZodDefault ? asText(type.def.defaultValue) : null,
      required: !(type instanceof z.ZodDefault || type instanceof z.ZodOptional),
      secret: info.secret ?? false,
      doc: info.doc,
      example: info.example,
    };
  });
}

/** Every variable that a schema reads, `<NAME>_FILE` of its secrets among them. */
export function settingNames(schema: z.ZodObject): string[] {
  return describeSettings(schema).flatMap(({ name, secret }) => (secret ? [name, `${name}_FILE`] : [name]));
}

function asText(value: unknown): string {
  if (Array.isArray(value)) return value.join(',');
  return String(value);
}
