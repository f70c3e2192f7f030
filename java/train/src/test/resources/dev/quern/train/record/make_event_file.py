"""Writes event_file.tfevents with TensorBoard's own record and message classes: what EventFile is to write."""

import pathlib

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import HistogramProto, Summary
from tensorboard.summary.writer.record_writer import RecordWriter


def scalar(tag, value):
    return Summary.Value(tag=tag, simple_value=value)


def magnitudes(counts):
    n = len(counts)
    middles = [(i + 0.5) / n for i in range(n)]
    histogram = HistogramProto(min=0, max=1, num=sum(counts))
    histogram.sum = sum(c * m for c, m in zip(counts, middles))
    histogram.sum_squares = sum(c * m * m for c, m in zip(counts, middles))
    histogram.bucket_limit.extend((i + 1) / n for i in range(n))
    histogram.bucket.extend(counts)
    return Summary.Value(tag="magnitude", histo=histogram)


def main():
    path = pathlib.Path(__file__).with_name("event_file.tfevents")
    with open(path, "wb") as file:
        writer = RecordWriter(file)
        writer.write(Event(wall_time=1700000000.5, file_version="brain.Event:2").SerializeToString())
        for epoch in range(2):
            values = [scalar("loss", 2.5 - epoch), scalar("learning_rate", 0.1), scalar("visit_share", 0.25)]
            values[2:2] = [scalar("test_accuracy", 0.75)] if epoch == 1 else []
            values += [scalar("magnitude/mean", 0.5), scalar("magnitude/reward", 0.125), scalar("magnitude/lambda", 0.5)]
            values += [scalar("magnitude/class/0", 0.25), scalar("magnitude/class/1", 0.75)]
            values += [magnitudes([1, 0, 3, 0, 0, 0, 0, 2, 0, 4])]
            event = Event(wall_time=1700000000.5 + epoch, step=epoch, summary=Summary(value=values))
            writer.write(event.SerializeToString())
        writer.flush()


main()
