/** The path of a request target, percent-decoded; a target that cannot be decoded stays as it is. */
export function decodedPath(target: string): string {
  const query = target.indexOf('?');
  const path = query < 0 ? target : target.slice(0, query);
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    // Matches no path then.
    return path;
  }
}
