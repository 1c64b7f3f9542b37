/** What AWS's model in botocore 1.44.5 says of the served operations. Written by tools/extract-models.mjs: do not edit. */
export const cloudwatch = String.raw`{"service":{"signingName":"monitoring","protocols":["smithy-rpc-v2-cbor","json","query"],"apiVersion":"2010-08-01","xmlNamespace":"http://monitoring.amazonaws.com/doc/2010-08-01/","targetPrefix":"GraniteServiceVersion20100801","jsonVersion":"1.0","isQueryCompatible":true},
"operations":{
"ListMetrics":{"input":"ListMetricsInput","output":"ListMetricsOutput","resultWrapper":"ListMetricsResult"}
},
"errors":{
"InternalServiceError":{"status":500,"type":"InternalServiceFault"},
"InvalidParameterValue":{"status":400,"type":"InvalidParameterValueException"}
},
"shapes":{
"AccountId":{"type":"string","min":1,"max":255},
"Dimension":{"type":"structure","members":{"Name":"DimensionName","Value":"DimensionValue"}},
"DimensionFilter":{"type":"structure","required":["Name"],"members":{"Name":"DimensionName","Value":"DimensionValue"}},
"DimensionFilters":{"type":"list","max":10,"member":"DimensionFilter"},
"DimensionName":{"type":"string","min":1,"max":255},
"DimensionValue":{"type":"string","min":1,"max":1024},
"Dimensions":{"type":"list","member":"Dimension"},
"IncludeLinkedAccounts":{"type":"boolean"},
"ListMetricsInput":{"type":"structure","members":{"Namespace":"Namespace","MetricName":"MetricName","Dimensions":"DimensionFilters","NextToken":"NextToken","RecentlyActive":"RecentlyActive","IncludeLinkedAccounts":"IncludeLinkedAccounts","OwningAccount":"AccountId"}},
"ListMetricsOutput":{"type":"structure","members":{"Metrics":"Metrics","NextToken":"NextToken","OwningAccounts":"OwningAccounts"}},
"Metric":{"type":"structure","members":{"Namespace":"Namespace","MetricName":"MetricName","Dimensions":"Dimensions"}},
"MetricName":{"type":"string","min":1,"max":255},
"Metrics":{"type":"list","member":"Metric"},
"Namespace":{"type":"string","min":1,"max":255,"pattern":"[^:].*"},
"NextToken":{"type":"string"},
"OwningAccounts":{"type":"list","member":"AccountId"},
"RecentlyActive":{"type":"string","enum":["PT3H"]}
}}`;
