package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// objects puts some in a bucket, one of them in parts, reads and pages through them, and takes all away.
func objects(ctx context.Context, cfg aws.Config, name string, found *seen) {
	client := s3.NewFromConfig(cfg, func(options *s3.Options) { options.UsePathStyle = true })
	bucket := aws.String(name)
	must(client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket}))
	var ids []types.ObjectIdentifier
	for number := range 5 {
		key := aws.String(fmt.Sprintf("a folder/ä+%d", number))
		body := strings.NewReader(fmt.Sprintf("object %d", number))
		must(client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: key, Body: body}))
		ids = append(ids, types.ObjectIdentifier{Key: key})
	}
	got := must(client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: ids[3].Key}))
	found.Object = string(must(io.ReadAll(got.Body)))

	large := bytes.Repeat([]byte("headgate"), 768*1024)
	parts := aws.String("parts")
	upload := must(client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{
		Bucket: bucket, Key: parts, ChecksumAlgorithm: types.ChecksumAlgorithmCrc32c,
	}))
	var done []types.CompletedPart
	for at, part := range [][]byte{large[:5<<20], large[5<<20:]} {
		number := aws.Int32(int32(at + 1))
		sent := must(client.UploadPart(ctx, &s3.UploadPartInput{
			Bucket: bucket, Key: parts, UploadId: upload.UploadId, PartNumber: number, Body: bytes.NewReader(part),
			ChecksumAlgorithm: types.ChecksumAlgorithmCrc32c,
		}))
		done = append(done, types.CompletedPart{ETag: sent.ETag, PartNumber: number, ChecksumCRC32C: sent.ChecksumCRC32C})
	}
	must(client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: bucket, Key: parts, UploadId: upload.UploadId, MultipartUpload: &types.CompletedMultipartUpload{Parts: done},
	}))
	whole := must(client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: parts, ChecksumMode: types.ChecksumModeEnabled}))
	found.Whole = bytes.Equal(must(io.ReadAll(whole.Body)), large)
	ids = append(ids, types.ObjectIdentifier{Key: parts})

	pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{Bucket: bucket, MaxKeys: aws.Int32(4)})
	for pages.HasMorePages() {
		found.Keys = append(found.Keys, len(must(pages.NextPage(ctx)).Contents))
	}
	_, err := client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: bucket, Key: aws.String("absent")})
	var absent *types.NotFound
	found.Absent = errors.As(err, &absent)
	deleted := must(client.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: bucket, Delete: &types.Delete{Objects: ids}}))
	if len(deleted.Errors) > 0 {
		log.Fatal(deleted.Errors)
	}
	must(client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: bucket}))
}
