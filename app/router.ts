/** From method and path to a handler. */
import type { Answer } from './answer';
import { empty, Refusal } from './answer';
import type { SiteRequest } from './request';

/** @param id the number in the path, of routes that have one */
export type Handler = (request: SiteRequest, id: number) => Answer | Promise<Answer>;

export interface Route {
  /** Either fixed, or with `:id`, which stands for a positive whole number. */
  readonly path: string;
  readonly methods: Readonly<Partial<Record<'GET' | 'POST' | 'PUT' | 'DELETE', Handler>>>;
}

const pattern = (path: string) => new RegExp(`^${path.replace(':id', '([1-9][0-9]{0,15})')}$`);

/**
 * HEAD goes where GET goes, the server leaves the body out; OPTIONS is answered here.
 * @throws (when called) Refusal 404 and 405
 */
export function router(routes: readonly Route[]): (request: SiteRequest) => Promise<Answer> {
  const compiled = routes.map(({ path, methods }) => ({ pattern: pattern(path), methods }));
  return async (request) => {
    for (const { pattern, methods } of compiled) {
      const match = pattern.exec(request.path);
      if (!match) continue;
      const method = request.method === 'HEAD' ? 'GET' : request.method;
      if (Object.hasOwn(methods, method)) {
        const handler = methods[method as keyof typeof methods];
        if (handler) return handler(request, Number(match[1]));
      }
      const allow = [...Object.keys(methods), ...(methods.GET ? ['HEAD'] : []), 'OPTIONS'].join(', ');
      if (method === 'OPTIONS') return empty(204, { allow });
      throw new Refusal(405, `${request.method} is not possible here, but ${allow}`, { allow });
    }
    throw new Refusal(404, 'There is nothing here');
  };
}
