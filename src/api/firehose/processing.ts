import type { ProcessingConfiguration } from '@aws-sdk/client-firehose';
import type { Checked } from '../checked.ts';
import { errors } from './errors.ts';

/** Of the processors that are offered: their parameters, with the values that they may have. */
const offered: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  Decompression: { CompressionFormat: ['GZIP'] },
  CloudWatchLogProcessing: { DataMessageExtraction: ['true', 'false'] },
  AppendDelimiterToRecord: { Delimiter: ['\\n'] },
};

/** @throws ServiceError `InvalidArgumentException` for what is not offered, or does not go together */
export function checkProcessing(processing: Checked<ProcessingConfiguration> | undefined): void {
  const processors = processing?.Processors ?? [];
  for (const { Type, Parameters = [] } of processors) {
    const parameters = offered[Type];
    if (!parameters) throw errors.notOffered(`The processor ${Type}`);
    for (const { ParameterName, ParameterValue } of Parameters) {
      const values = parameters[ParameterName];
      if (!values)
        throw errors.invalidArgument(`${ParameterName} is not a parameter of the processor ${Type}`);
      if (values.includes(ParameterValue)) continue;
      throw errors.invalidArgument(
        `${ParameterName} of the processor ${Type} must be one of: ${values.join(', ')}; it is ${ParameterValue}`,
      );
    }
  }
  const types = processors.map(({ Type }) => Type);
  if (new Set(types).size < types.length) throw errors.invalidArgument('A processor may be given only once');
  if (types.includes('CloudWatchLogProcessing') && !types.includes('Decompression')) {
    throw errors.invalidArgument(
      'The processor CloudWatchLogProcessing requires the processor Decompression',
    );
  }
}
