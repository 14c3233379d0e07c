import { TEMPLATE_PURPOSES, type TemplatePurpose } from '@deptracker/domain';
import { PURPOSE_RULES, type Template, type Templates, compileTemplate } from '@deptracker/views';

/** The template, which must be valid. */
export function valid(purpose: TemplatePurpose, body: string): Template {
  const compiled = compileTemplate(purpose, body);
  if ('mistakes' in compiled) throw new Error(JSON.stringify(compiled.mistakes));
  return compiled.template;
}

const BUILT_IN = TEMPLATE_PURPOSES.map((purpose) => valid(purpose, PURPOSE_RULES[purpose].builtIn));

/** These templates, and the built-in ones for all other purposes. */
export function inForce(...templates: Template[]): Templates {
  return {
    find: (purpose) => {
      const template = [...templates, ...BUILT_IN].find((one) => one.purpose === purpose);
      if (template === undefined) throw new Error(purpose);
      return template;
    },
  };
}
