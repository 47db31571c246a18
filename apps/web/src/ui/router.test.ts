import { describe, expect, test } from 'vitest';
import { findRoute, matchPath, type Route } from './router.tsx';

const route = (path: string): Route<string> => ({
  path,
  data: path,
  load: () => Promise.reject(new Error('not drawn here')),
});

describe('paths', () => {
  test('match part by part and give their parameters', () => {
    expect(matchPath('/send/:transferId', '/send/abc')).toEqual({ transferId: 'abc' });
    expect(matchPath('/send', '/send/')).toEqual({});
    expect(matchPath('/send', '/send/abc')).toBeNull();
    expect(matchPath('/send/:transferId', '/send')).toBeNull();
  });

  test('with a broken escape match nothing', () => {
    expect(matchPath('/history/:id', '/history/%E0%A4%A')).toBeNull();
  });

  test('find the first route that matches: a fixed part before a parameter', () => {
    const routes = [route('/send/amount'), route('/send/:transferId')];
    expect(findRoute(routes, '/send/amount')?.route.path).toBe('/send/amount');
    expect(findRoute(routes, '/send/x')?.params).toEqual({ transferId: 'x' });
    expect(findRoute(routes, '/else')).toBeNull();
  });
});
