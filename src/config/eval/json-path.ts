/** The door to the `json-p3` package: JSONPath queries (RFC 9535). */
export { query, JSONPathError } from 'json-p3';
