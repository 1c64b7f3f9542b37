export const helpText = `Usage: headgate COMMAND

VPC Flow Logs that you run yourself.

  up [SOURCE…]        capture, flow logs and AWS's API, in one process
  env                 the variables that make the AWS CLI and the SDKs use it; configure writes a profile
  keys reset          a new access key for the administrator
  account create NAME a further account
  capture [SOURCE…]   packets of this host, of devices or of capture files, as flow log records
  query QL [FILE…]    Logs Insights queries, of the log store or straight from files
  import FILE…        files into the log store
  logs [GROUP]        log groups and streams; logs tail GROUP prints events as they come
  s3 adopt BUCKET     files that were laid into a bucket's folder by hand become objects
  status              what runs, is captured, delivered and stored
  fields              every field of a record: version, type, meaning, whether it is computed
  vpc init DIR        write the network of this host as AWS JSON, to edit and give to capture --vpc DIR
  vpc check DIR       read a network and list what is wrong with it
  vpc import DIR      make it the network that headgate up judges by

headgate COMMAND --help tells its options.
`;
