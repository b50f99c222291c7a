import fc from 'fast-check';

/*
 * Where everything has to be tested (`.ci/run`), properties draw the same data at each run, so that what fails there fails
 * because of what was changed. Everywhere else each run draws other data.
 */
if (process.env.SALLYPORT_REQUIRE_TOOLS === '1')
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: 20_261_122 });
