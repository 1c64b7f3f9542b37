"""What boto3 does in s3-boto3.test.ts: prints, as JSON, what it saw. Arguments: port, a bucket, account, certificate."""

import hashlib
import io
import json
import os
import socket
import sys
import urllib.request

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

port, bucket, account, certificate = sys.argv[1:]
seen = {'new': hasattr(boto3.client('s3control'), 'list_tags_for_resource')}

# Names below localhost, which not every resolver knows.
resolve = socket.getaddrinfo


def on_loopback(host, *more, **named):
    return resolve('127.0.0.1' if str(host).endswith('localhost') else host, *more, **named)


socket.getaddrinfo = on_loopback
if certificate:
    named = dict(endpoint_url=f'https://localhost:{port}', verify=certificate)
else:
    named = dict(endpoint_url=f'http://localhost:{port}')


def client(service='s3', **config):
    return boto3.client(service, **named, config=Config(signature_version='s3v4', **config))


def refusal(action):
    try:
        action()
    except ClientError as error:
        return error.response['Error']['Code']


def trailing(sent, **_):
    if sent.headers.get('x-amz-trailer'):
        name = sent.headers['x-amz-trailer']
        seen['trailer'] = (name.decode() if isinstance(name, bytes) else name)


s3 = client(s3={'addressing_style': 'path'})
virtual = client(s3={'addressing_style': 'virtual'})
s3.meta.events.register('before-send.s3', lambda request, **_: trailing(request))

s3.create_bucket(Bucket=bucket)
s3.get_waiter('bucket_exists').wait(Bucket=bucket)
body = os.urandom(300_000)
s3.put_object(Bucket=bucket, Key='a/ä+b c', Body=body, Metadata={'colour': 'red'})
got = s3.get_object(Bucket=bucket, Key='a/ä+b c')
seen['same'] = got['Body'].read() == body and got['Metadata'] == {'colour': 'red'}

# A stream that tells no length by itself, and one that is read twice.
s3.upload_fileobj(io.BytesIO(body), bucket, 'file')
whole = io.BytesIO()
s3.download_fileobj(bucket, 'file', whole)
seen['file'] = whole.getvalue() == body

# Each algorithm of checksums that this client has.
digests = []
for algorithm in ('CRC32', 'SHA1', 'SHA256'):
    put = s3.put_object(Bucket=bucket, Key=algorithm, Body=body, ChecksumAlgorithm=algorithm)
    head = s3.get_object(Bucket=bucket, Key=algorithm, ChecksumMode='ENABLED')
    head['Body'].read()
    digests.append(put[f'Checksum{algorithm}'] == head[f'Checksum{algorithm}'])
seen['digests'] = digests
wrong = 'AAAAAA=='
seen['wrong'] = refusal(lambda: s3.put_object(Bucket=bucket, Key='wrong', Body=body, ChecksumCRC32=wrong))
seen['absent'] = refusal(lambda: s3.head_object(Bucket=bucket, Key='wrong'))

# In parts, by its transfer manager, and back in ranges.
large = os.urandom(17 * 1024 ** 2 + 3)
parts = TransferConfig(multipart_threshold=5 * 1024 ** 2, multipart_chunksize=5 * 1024 ** 2)
s3.upload_fileobj(io.BytesIO(large), bucket, 'large', Config=parts)
whole = io.BytesIO()
s3.download_fileobj(bucket, 'large', whole, Config=parts)
seen['large'] = whole.getvalue() == large
seen['etag'] = s3.head_object(Bucket=bucket, Key='large')['ETag'].strip('"').split('-')[1]
s3.copy({'Bucket': bucket, 'Key': 'large'}, bucket, 'copy', Config=parts)
md5 = hashlib.md5()
for piece in virtual.get_object(Bucket=bucket, Key='copy')['Body'].iter_chunks(1 << 20):
    md5.update(piece)
seen['copy'] = md5.hexdigest() == hashlib.md5(large).hexdigest()

# The bucket in the name of the host.
virtual.put_object(Bucket=bucket, Key='in/virtual?x=1', Body=b'virtual')
seen['virtual'] = virtual.get_object(Bucket=bucket, Key='in/virtual?x=1')['Body'].read().decode()
seen['host'] = []
virtual.meta.events.register('before-send.s3', lambda request, **_: seen['host'].append(request.url.split('/')[2]))
virtual.list_objects_v2(Bucket=bucket)

# Signed URLs.
url = s3.generate_presigned_url('get_object', Params={'Bucket': bucket, 'Key': 'in/virtual?x=1'}, ExpiresIn=60)
if not certificate:
    seen['presigned'] = urllib.request.urlopen(url).read().decode()
    url = virtual.generate_presigned_url('put_object', Params={'Bucket': bucket, 'Key': 'by url'}, ExpiresIn=60)
    urllib.request.urlopen(urllib.request.Request(url, method='PUT', data=b'from a URL'))
    seen['presigned put'] = s3.get_object(Bucket=bucket, Key='by url')['Body'].read().decode()

# Pages.
pages = s3.get_paginator('list_objects_v2').paginate(Bucket=bucket, PaginationConfig={'PageSize': 3})
keys = [entry['Key'] for page in pages for entry in page['Contents']]
seen['sorted'] = keys == sorted(keys) and len(keys) > 6
folders = s3.list_objects_v2(Bucket=bucket, Delimiter='/')
seen['prefixes'] = [entry['Prefix'] for entry in folders['CommonPrefixes']]

# Tags of the bucket, as s3control tells them, whose host begins with the account.
s3.put_bucket_tagging(Bucket=bucket, Tagging={'TagSet': [{'Key': 'a', 'Value': 'b'}]})
if seen['new']:
    control = client('s3control')
    arn = f'arn:aws:s3:::{bucket}'
    control.tag_resource(AccountId=account, ResourceArn=arn, Tags=[{'Key': 'c', 'Value': ''}])
    control.untag_resource(AccountId=account, ResourceArn=arn, TagKeys=['a'])
    seen['tags'] = control.list_tags_for_resource(AccountId=account, ResourceArn=arn)['Tags']

things = boto3.resource('s3', **named).Bucket(bucket)
seen['deleted'] = sum(len(answer['Deleted']) for answer in things.objects.all().delete()) == len(keys)
s3.delete_bucket(Bucket=bucket)
seen['gone'] = refusal(lambda: s3.list_objects_v2(Bucket=bucket))
print(json.dumps(seen))
