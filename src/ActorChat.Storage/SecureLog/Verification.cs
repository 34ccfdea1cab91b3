// One run over a log: computes the MAC chain again from the verification key and compares. The head is read first, so that a node may go on writing
// meanwhile: what the head vouches for no longer changes, and what follows it counts as far as it is whole. Without a verification key a record
// counts as genuine when it opens under the log key. That finds accidents and outsiders, but not somebody who had the log key.
//
// After a fault it goes on where the chain can be taken up again. An altered record spoils only itself, because the next MAC covers the bytes
// before it as they are. When lengths or numbers do not fit, order is lost for the rest of the segment. The next segment's header says
// which record it begins with, and the chain is moved on to it, if the header then fits.

using ActorChat.Storage.Sealing;

namespace ActorChat.Storage.SecureLog;

/// <summary>The state of one verification.</summary>
internal sealed class Verification(
    LogFolder folder, LogKey key, LogHead? head, VerificationKey? verificationKey, IProgress<LogProgress>? progress, CancellationToken cancellation) : IDisposable
{
    private const int MaxFindings = 1000;
    private const int RecordsPerProgress = 4096;

    // Moving the chain over missing records takes time, and their number comes from a damaged log. This many take half a minute.
    private const long MaxSkippedRecords = 1 << 26;

    private readonly List<LogFinding> _findings = [];
    private readonly long _totalBytes = folder.Segments().Sum(folder.SegmentLength);
    private readonly bool _hasChain = verificationKey is not null;
    private LogHead _chain = new(new ChainKey(verificationKey is null ? new byte[LogFormat.KeySize] : verificationKey.Bytes)); // where we are, and the key that the next link must have
    private SealKeys? _segmentKeys; // without a verification key
    private int _orderLost = -1;    // the index of the finding since which records cannot be told apart
    private bool _atHead;           // the head's place has been reached: nothing from here on was acknowledged
    private bool _stopped;
    private bool _anyGenuine;
    private bool _isLastGenuine; // the previous link was read and is genuine
    private long _links;
    private long _trusted;
    private long _bytes;
    private long _unfinishedBytes;

    public LogReport Run()
    {
        if (head is null)
        {
            Find(new LogFinding(LogFault.HeadDamaged, 0, 0, 0, 0));
        }

        var last = Math.Max(head?.Segment ?? 1, folder.Segments() is [.., var present] ? present : 0);
        for (var segment = 1; segment <= last && !_stopped; segment++)
        {
            VerifySegment(segment);
        }

        if (head is not null && !_atHead && !_stopped)
        {
            MissHead(head);
        }

        if (!_stopped && _orderLost < 0 && key.Epochs[^1].FirstRecord - 1 is var before && before > _chain.Count)
        {
            Find(new LogFinding(LogFault.RecordsMissing, _chain.Segment, _chain.Offset, _chain.Count + 1, before)); // log.key knows of more records than log.head
        }

        var findings = _links > 0 && !_anyGenuine && _hasChain ? [new LogFinding(LogFault.VerificationKeyWrong, 0, 0, 0, 0)] : _findings;
        return new LogReport(_chain.Count, _trusted, head?.Count, _unfinishedBytes, _chain.LastMac.ToArray(), _hasChain, findings);
    }

    public void Dispose()
    {
        _chain.Dispose();
        _segmentKeys?.Dispose();
    }

    private void VerifySegment(int segment)
    {
        if (!File.Exists(folder.SegmentPath(segment)))
        {
            LoseOrder(LogFault.SegmentMissing, segment, offset: 0);
            return;
        }

        using var file = folder.OpenSegment(segment);
        var header = SegmentHeader.Read(file);
        if (!Enter(segment, header))
        {
            return;
        }

        if (!_hasChain)
        {
            _segmentKeys?.Dispose();
            _segmentKeys = key.SegmentKeys(segment, header is null ? new byte[LogFormat.SaltSize] : header.Salt);
        }

        using var scanner = new SegmentScanner(file, LogFormat.SegmentHeaderSize);
        for (var offset = scanner.Offset; !_stopped; offset = scanner.Offset)
        {
            switch (scanner.Next(out var frame))
            {
                case ScanResult.Record when frame.Number == _chain.Count + 1:
                    Verify(frame, offset);
                    break;
                case ScanResult.End:
                    _bytes += offset;
                    return;
                default:
                    LoseOrder(LogFault.OrderBroken, segment, offset);
                    return;
            }
        }
    }

    // True when the chain has been moved past the segment's header, so that its records can be verified.
    private bool Enter(int segment, SegmentHeader? header)
    {
        _links++;
        if (header is null || !TakeUpChain(segment, header))
        {
            if (_atHead)
            {
                Stop(segment, offset: 0);
                return false;
            }

            Find(new LogFinding(LogFault.HeaderAltered, segment, 0, 0, 0));
            _isLastGenuine = false;
            if (_orderLost >= 0)
            {
                return false;
            }

            _chain.Skip(key, records: 0, segments: 1); // the key of the first record does not depend on the header
        }

        CompareWithHead();
        return true;
    }

    // Moves the chain past the header, over what is missing before it. False when the header is not genuine, and then the chain has not moved.
    private bool TakeUpChain(int segment, SegmentHeader header)
    {
        var missing = header.FirstRecord - (_chain.Count + 1);
        var mostMissing = head is null ? MaxSkippedRecords : Math.Min(head.Count - _chain.Count, MaxSkippedRecords);
        if (header.Segment != segment || missing < 0 || missing > Math.Max(mostMissing, 0)
            || (key.EpochFrom(segment) is { } epoch && epoch.FirstRecord != header.FirstRecord))
        {
            return false;
        }

        var moved = _chain.Copy();
        moved.Skip(key, missing, segment - 1 - moved.Segment);
        moved.EnterEpoch(key);
        var isNext = missing == 0 && _orderLost < 0;
        var follows = header.PreviousMac.SequenceEqual(_chain.LastMac);
        if (_hasChain ? !header.IsVouchedBy(moved.Key) : isNext && _isLastGenuine && !follows)
        {
            moved.Dispose();
            return false;
        }

        // Somebody with the keys of an epoch can rewrite its records, but not the header of the next epoch, which repeats the MAC that was before it.
        if (isNext && _isLastGenuine && !follows)
        {
            Find(new LogFinding(LogFault.PastRewritten, segment, 0, key.Epochs.Last(epoch => epoch.FirstSegment < segment).FirstRecord, header.FirstRecord - 1));
        }

        if (_orderLost >= 0)
        {
            FindOrder(lastRecord: header.FirstRecord - 1);
        }
        else if (missing > 0)
        {
            Find(new LogFinding(LogFault.RecordsMissing, segment, 0, _chain.Count + 1, header.FirstRecord - 1));
        }

        moved.Pass(header);
        _chain.Dispose();
        _chain = moved;
        (_anyGenuine, _isLastGenuine) = (true, true);
        return true;
    }

    private void Verify(RecordFrame frame, long offset)
    {
        var genuine = _hasChain ? frame.IsVouchedBy(_chain.Key) : frame.Open(_segmentKeys!) is not null;
        if (!genuine && _atHead)
        {
            Stop(_chain.Segment, offset);
            return;
        }

        _links++;
        _anyGenuine |= genuine;
        _isLastGenuine = genuine;
        _trusted += genuine ? 1 : 0;
        if (!genuine)
        {
            FindAltered(offset);
        }

        _chain.Pass(frame);
        CompareWithHead();
        if (_chain.Count % RecordsPerProgress == 0)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(new LogProgress(_chain.Count, _bytes + _chain.Offset, _totalBytes));
        }
    }

    // A head is genuine if it fits what is at its place and holds the chain's key of that place, which nobody who came later can know.
    private void CompareWithHead()
    {
        if (head is null || _atHead || (_chain.Segment, _chain.Count) != (head.Segment, head.Count))
        {
            return;
        }

        _atHead = true;
        if (_chain.Offset != head.Offset || !_chain.LastMac.SequenceEqual(head.LastMac) || (_hasChain && !_chain.Key.IsSame(head.Key)))
        {
            Find(new LogFinding(LogFault.HeadMismatch, head.Segment, head.Offset, 0, 0));
        }
    }

    // The log ended before the place of its head.
    private void MissHead(LogHead missed)
    {
        if (_orderLost >= 0)
        {
            FindOrder(missed.Count);
        }
        else if (_chain.Count < missed.Count)
        {
            Find(new LogFinding(LogFault.RecordsMissing, _chain.Segment, _chain.Offset, _chain.Count + 1, missed.Count));
        }
        else
        {
            Find(new LogFinding(LogFault.HeadMismatch, missed.Segment, missed.Offset, 0, 0));
        }
    }

    private void LoseOrder(LogFault fault, int segment, long offset)
    {
        if (_atHead)
        {
            Stop(segment, offset);
        }
        else if (_orderLost >= 0)
        {
            Find(new LogFinding(fault, segment, offset, 0, 0));
        }
        else
        {
            _orderLost = _findings.Count;
            Find(new LogFinding(fault, segment, offset, _chain.Count + 1, long.MaxValue));
        }
    }

    // Order is found again: the finding where it was lost concerns the records up to here, or none if nothing was missing after all.
    private void FindOrder(long lastRecord)
    {
        var lost = _findings[_orderLost];
        var (first, last) = lastRecord >= lost.FirstRecord ? (lost.FirstRecord, lastRecord) : (0, 0);
        _findings[_orderLost] = lost with { FirstRecord = first, LastRecord = last };
        _orderLost = -1;
    }

    private void FindAltered(long offset)
    {
        var number = _chain.Count + 1;
        if (_findings is [.., { Fault: LogFault.RecordAltered } previous] && previous.Segment == _chain.Segment && previous.LastRecord == number - 1)
        {
            _findings[^1] = previous with { LastRecord = number };
        }
        else
        {
            Find(new LogFinding(LogFault.RecordAltered, _chain.Segment, offset, number, number));
        }
    }

    private void Find(LogFinding finding)
    {
        _findings.Add(finding);
        if (_findings.Count == MaxFindings)
        {
            _findings.Add(new LogFinding(LogFault.TooManyFaults, finding.Segment, finding.Offset, _chain.Count + 1, long.MaxValue));
            _stopped = true;
        }
    }

    // After the head, what is not whole was never acknowledged: no fault, and nothing more to verify.
    private void Stop(int segment, long offset)
    {
        _stopped = true;
        _unfinishedBytes = folder.Segments().Where(number => number >= segment).Sum(number => Unfinished(number, number == segment ? offset : 0));
    }

    private long Unfinished(int segment, long from)
    {
        using var file = folder.OpenSegment(segment);
        return SegmentScanner.DataEnd(file, from) - from;
    }
}
