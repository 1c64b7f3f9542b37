export const helpText = `Usage: headgate COMMAND

VPC Flow Logs that you run yourself.

  capture [SOURCE…]   packets of this host, of devices or of capture files, as flow log records
  fields              every field of a record: version, type, meaning, whether it is computed
  vpc init DIR        write the network of this host as AWS JSON, to edit and give to capture --vpc DIR
  vpc check DIR       read a network and list what is wrong with it

headgate COMMAND --help tells its options.
`;
