"""What boto3 does in boto3.test.ts: prints, as JSON, what it saw. Arguments: endpoint, a name, Regions and trust."""

import json
import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint, name, trust = sys.argv[1:]
seen = {}


def client(service, **more):
    return boto3.client(service, endpoint_url=endpoint, **more)


ec2, logs, iam, sts = client('ec2'), client('logs'), client('iam'), client('sts')

# A network.
vpc_id = ec2.create_vpc(CidrBlock='10.60.0.0/16')['Vpc']['VpcId']
ec2.get_waiter('vpc_available').wait(VpcIds=[vpc_id])
subnet_id = ec2.create_subnet(VpcId=vpc_id, CidrBlock='10.60.1.0/24')['Subnet']['SubnetId']
group_id = ec2.create_security_group(VpcId=vpc_id, GroupName='web', Description='web')['GroupId']
ec2.authorize_security_group_ingress(
    GroupId=group_id,
    IpPermissions=[{'IpProtocol': 'tcp', 'FromPort': 443, 'ToPort': 443, 'IpRanges': [{'CidrIp': '10.0.0.0/8'}]}],
)
resource = boto3.resource('ec2', endpoint_url=endpoint)
seen['permissions'] = [p['FromPort'] for p in resource.SecurityGroup(group_id).ip_permissions]

# Flow logs.
role_arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)['Role']['Arn']
iam.put_role_policy(RoleName=name, PolicyName='p', PolicyDocument=json.dumps(
    {'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': 'logs:*', 'Resource': '*'}]}))
seen['statement'] = iam.get_role_policy(RoleName=name, PolicyName='p')['PolicyDocument']['Statement'][0]['Action']
ids = []
for group in range(6):
    made = ec2.create_flow_logs(
        ResourceType='VPC', ResourceIds=[vpc_id], TrafficType='ALL', LogGroupName=f'{name}-{group}',
        DeliverLogsPermissionArn=role_arn)
    ids += made['FlowLogIds']
pages = ec2.get_paginator('describe_flow_logs').paginate(
    Filters=[{'Name': 'resource-id', 'Values': [vpc_id]}], PaginationConfig={'PageSize': 5})
seen['pages'] = [len(page['FlowLogs']) for page in pages]
seen['unsuccessful'] = ec2.delete_flow_logs(FlowLogIds=ids)['Unsuccessful']
try:
    ec2.describe_subnets(SubnetIds=['subnet-0123456789abcdef0'])
except ClientError as error:
    seen['missing'] = error.response['Error']['Code']

# Logs.
stream = {'logGroupName': name, 'logStreamName': 'one'}
logs.create_log_group(logGroupName=name, tags={'purpose': 'test'})
logs.create_log_stream(**stream)


def put(message):
    return logs.put_log_events(**stream, logEvents=[{'timestamp': int(time.time() * 1000), 'message': message}])


put('one REJECT')
put('two ACCEPT')
events = logs.get_paginator('filter_log_events').paginate(logGroupName=name, filterPattern='REJECT')
seen['events'] = [event['message'] for page in events for event in page['events']]
now = int(time.time())
query_id = logs.start_query(
    logGroupName=name, startTime=now - 600, endTime=now + 60, queryString='stats count(*) as events')['queryId']
answer = logs.get_query_results(queryId=query_id)
while answer['status'] in ('Scheduled', 'Running'):
    time.sleep(0.05)
    answer = logs.get_query_results(queryId=query_id)
seen['results'] = answer['results']
try:
    logs.create_log_group(logGroupName=name)
except logs.exceptions.ResourceAlreadyExistsException as error:
    seen['again'] = error.response['Error']['Message']

if hasattr(logs, 'start_live_tail'):
    tailing = client('logs', config=Config(inject_host_prefix=False))
    arn = logs.describe_log_groups(logGroupNamePrefix=name)['logGroups'][0]['logGroupArn']
    tail = tailing.start_live_tail(logGroupIdentifiers=[arn])['responseStream']
    seen['tail'] = []
    for event in tail:
        [kind] = event
        if kind == 'sessionStart':
            put('for the tail')
        results = event.get('sessionUpdate', {}).get('sessionResults', [])
        seen['tail'] += [result['message'] for result in results]
        if seen['tail']:
            break
    tail.close()

# Roles.
given = sts.assume_role(RoleArn=role_arn, RoleSessionName='boto')['Credentials']
session = client('sts', aws_access_key_id=given['AccessKeyId'], aws_secret_access_key=given['SecretAccessKey'],
                 aws_session_token=given['SessionToken'])
seen['who'] = session.get_caller_identity()['Arn']
seen['metrics'] = client('cloudwatch').list_metrics()['Metrics']

# All away again.
iam.delete_role_policy(RoleName=name, PolicyName='p')
iam.delete_role(RoleName=name)
logs.delete_log_group(logGroupName=name)
ec2.delete_security_group(GroupId=group_id)
ec2.delete_subnet(SubnetId=subnet_id)
ec2.delete_vpc(VpcId=vpc_id)
print(json.dumps(seen))
