import type { IncomingHttpHeaders } from 'node:http';
import type { SiteRequest } from '../../app/request';
import { isCrossSite, wantedVersion } from '../../app/request';

const host = 'notes.example';

test.each<[IncomingHttpHeaders, boolean]>([
  [{ host, 'sec-fetch-site': 'same-origin' }, false],
  [{ host, 'sec-fetch-site': 'none' }, false],
  [{ host, 'sec-fetch-site': 'same-site' }, true],
  [{ host, 'sec-fetch-site': 'cross-site' }, true],
  [{ host, 'sec-fetch-site': 'cross-site', origin: 'https://notes.example' }, true],
  [{ host, origin: 'https://notes.example' }, false],
  [{ host: 'localhost:8080', origin: 'http://localhost:8080' }, false],
  [{ host: 'localhost:8080', origin: 'http://localhost:8081' }, true],
  [{ host, origin: 'https://evil.example' }, true],
  [{ host, origin: 'https://notes.example.evil.example' }, true],
  [{ host, origin: 'null' }, true],
  [{ host, origin: '' }, true],
  [{ origin: 'https://notes.example' }, true],
  [{ host }, false],
])('%j: cross-site %s', (headers, expected) => {
  expect(isCrossSite(headers)).toBe(expected);
});

test.each([
  [undefined, undefined],
  ['*', undefined],
  ['"3"', 3],
  ['W/"3"', 0],
  ['"3", "4"', 0],
  ['3', 0],
  ['"99999999999999999999"', 0],
])('If-Match: %s means version %s', (tag, version) => {
  expect(wantedVersion({ headers: { 'if-match': tag } } as SiteRequest)).toBe(version);
});
