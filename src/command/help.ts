export const helpText = `Usage: headgate COMMAND

VPC Flow Logs that you run yourself.

  capture [SOURCE…]   packets of this host, of devices or of capture files, as flow log records
  query QL [FILE…]    Logs Insights queries, of the log store or straight from files
  import FILE…        files into the log store
  logs [GROUP]        log groups and streams; logs tail GROUP prints events as they come
  status              who has the log store open, and what is in it
  fields              every field of a record: version, type, meaning, whether it is computed
  vpc init DIR        write the network of this host as AWS JSON, to edit and give to capture --vpc DIR
  vpc check DIR       read a network and list what is wrong with it

headgate COMMAND --help tells its options.
`;
