namespace LogDomain.Kernels;

/// <summary>Rows of different lengths that follow each other, given by where each begins.</summary>
internal static unsafe class Segments
{
    /// <summary>Runs the operation on all segments, shared among threads.</summary>
    public static void Run<T, TOperation>(TOperation operation, T* x, int* offsets, nint count, T* y, int maxDegreeOfParallelism)
        where T : unmanaged
        where TOperation : struct, ISegmentOperation<T>
    {
        nint meanLength = count == 0 ? 0 : (offsets[count] - offsets[0]) / count;
        int parts = RowPartition.Parts(count, meanLength, maxDegreeOfParallelism);
        if (parts == 1)
        {
            Run(operation, x, offsets, 0, count, y);
        }
        else
        {
            RunInParts(operation, x, offsets, count, y, parts, maxDegreeOfParallelism);
        }
    }

    private static void RunInParts<T, TOperation>(
        TOperation operation, T* x, int* offsets, nint count, T* y, int parts, int maxDegreeOfParallelism)
        where T : unmanaged
        where TOperation : struct, ISegmentOperation<T> =>
        RowPartition.Run(count, parts, maxDegreeOfParallelism, (first, some) => Run(operation, x, offsets, first, some, y));

    /// <summary>Segments first to first + count. Without a kernel for segments, neighbours of one length together, because the row kernels take short rows in tiles.</summary>
    private static void Run<T, TOperation>(TOperation operation, T* x, int* offsets, nint first, nint count, T* y)
        where T : unmanaged
        where TOperation : struct, ISegmentOperation<T>
    {
        delegate*<T*, int*, nint, T*, void> kernel = TOperation.SegmentKernel;
        if (kernel != null)
        {
            kernel(x, offsets + first, count, TOperation.Reduces ? y + first : y);
            return;
        }

        for (nint segment = first; segment < first + count;)
        {
            nint start = offsets[segment], length = offsets[segment + 1] - start, rows = 1;
            while (segment + rows < first + count && offsets[segment + rows + 1] - offsets[segment + rows] == length)
            {
                rows++;
            }

            operation.Run(new(x + start), rows, length, y + (TOperation.Reduces ? segment : start));
            segment += rows;
        }
    }

    /// <summary>
    /// Elements ordered by their group, and within it as they came: fills the offsets of the groups, and the place of each element.
    /// </summary>
    public static void Sort(ReadOnlySpan<int> groups, Span<int> offsets, Span<int> places)
    {
        offsets.Clear();
        foreach (int group in groups)
        {
            offsets[group + 1]++;
        }

        for (int group = 1; group < offsets.Length; group++)
        {
            offsets[group] += offsets[group - 1];
        }

        // offsets[group] runs from its beginning to its end, which is the beginning of the next; then all move up by one.
        for (int i = 0; i < groups.Length; i++)
        {
            places[i] = offsets[groups[i]]++;
        }

        offsets[..^1].CopyTo(offsets[1..]);
        offsets[0] = 0;
    }
}
