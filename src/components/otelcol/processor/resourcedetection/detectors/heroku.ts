/** Heroku: the environment of a dyno with dyno metadata enabled. */
import { found, noMetadata, type Detector } from './detector.ts';

export const detect: Detector = async ({ env: { variables }, strict }) => {
  const { HEROKU_DYNO_ID: dyno, HEROKU_APP_ID: app } = variables;
  if (strict && dyno === undefined && app === undefined)
    throw noMetadata('neither HEROKU_DYNO_ID nor HEROKU_APP_ID is set');
  return found({
    'cloud.provider': app === undefined ? undefined : 'heroku',
    'service.instance.id': dyno,
    'heroku.app.id': app,
    'service.name': variables['HEROKU_APP_NAME'],
    'service.version': variables['HEROKU_RELEASE_VERSION'],
    'heroku.release.creation_timestamp': variables['HEROKU_RELEASE_CREATED_AT'],
    'heroku.release.commit': variables['HEROKU_SLUG_COMMIT'],
  });
};
