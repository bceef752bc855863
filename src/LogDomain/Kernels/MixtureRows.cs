using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels;

/// <summary>A batch of points, and the mixture of each, or one for all.</summary>
/// <remarks>Eight rows at a time are turned into planes, computed, and turned back. Results are written after their rows were read, so they may take the places of the parameters.</remarks>
/// <typeparam name="T">The element type.</typeparam>
internal readonly unsafe struct MixtureRows<T>
    where T : unmanaged
{
    private const int Lanes = MixtureTile<float>.Rows;

    public required MixtureShape Shape { get; init; }

    public required nint Rows { get; init; }

    /// <summary>Whether all points have the mixture of the first row.</summary>
    public bool IsOneMixture { get; init; }

    public required T* Logits { get; init; }

    public required T* Means { get; init; }

    public required T* Scales { get; init; }

    public required T* Points { get; init; }

    /// <summary>Receives -log density of each point, or null.</summary>
    public double* Losses { get; init; }

    /// <summary>Receives e^(log joint - log density) of each component, or null.</summary>
    public T* Responsibilities { get; init; }

    /// <summary>Receive the derivatives of the losses times <see cref="Factor"/>, or null; may be the parameters themselves.</summary>
    public T* LogitsGradient { get; init; }

    public T* MeansGradient { get; init; }

    public T* ScalesGradient { get; init; }

    public double Factor { get; init; }

    private static bool Wide => Vector512.IsHardwareAccelerated && Avx512F.IsSupported && Avx512DQ.IsSupported;

    private static bool IsNarrow => typeof(T) == typeof(Half) || typeof(T) == typeof(BFloat16);

    /// <summary>Computes all rows, shared among threads where that is worthwhile.</summary>
    public void Run(int maxDegreeOfParallelism)
    {
        if (!IsNarrow && typeof(T) != typeof(float) && typeof(T) != typeof(double))
        {
            throw new NotSupportedException($"The element type is {typeof(T)}, but float, double, Half or BFloat16 was expected.");
        }

        int parts = RowPartition.Parts(Rows, (nint)Shape.Components * (2 + Shape.Dimensions + Shape.Scales), maxDegreeOfParallelism);
        if (parts == 1)
        {
            Run(0, Rows);
        }
        else
        {
            RunInParts(this, parts, maxDegreeOfParallelism);
        }
    }

    // A method of its own, so that one thread allocates nothing.
    private static void RunInParts(MixtureRows<T> rows, int parts, int maxDegreeOfParallelism) =>
        RowPartition.Run(rows.Rows, parts, maxDegreeOfParallelism, rows.Run);

    private void Run(nint first, nint count)
    {
        if (Wide)
        {
            RunInLanes<DoubleVector512>(first, count);
        }
        else
        {
            RunInLanes<DoubleVector256Pair>(first, count);
        }
    }

    private void RunInLanes<TLanes>(nint first, nint count)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        if (typeof(T) == typeof(double))
        {
            Run<TLanes, ForDouble, double>(first, count);
        }
        else
        {
            Run<TLanes, ForSingle, float>(first, count);
        }
    }

    private void Run<TLanes, TPrecision, TMemory>(nint first, nint count)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
        where TMemory : unmanaged
    {
        if (Shape.IsShared)
        {
            Run<TLanes, TPrecision, TMemory, TiedCovariance>(first, count);
        }
        else if (Shape.IsTriangular)
        {
            Run<TLanes, TPrecision, TMemory, FullCovariance>(first, count);
        }
        else if (Shape.IsSpherical)
        {
            Run<TLanes, TPrecision, TMemory, SphericalCovariance>(first, count);
        }
        else
        {
            Run<TLanes, TPrecision, TMemory, DiagonalCovariance>(first, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Run<TLanes, TPrecision, TMemory, TCovariance>(nint first, nint count)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
        where TMemory : unmanaged
        where TCovariance : ICovariance
    {
        MixtureShape shape = Shape;
        int components = shape.Components, means = shape.MeansOfMixture, scales = shape.ScalesOfMixture, dimensions = shape.Dimensions;
        int work = MixtureTile<TMemory>.WorkLength(shape), planes = MixtureTile<TMemory>.PlanesLength(shape), longest = Math.Max(components, Math.Max(means, scales));
        using Scratch<double> doubles = new(work + Lanes);
        using Scratch<TMemory> elements = new(planes + (IsNarrow ? Lanes * longest : 0));
        elements.Span.Clear();   // lanes without a row compute something, too
        fixed (double* memory = doubles.Span)
        fixed (TMemory* plane = elements.Span)
        {
            MixtureTile<TMemory> tile = new(shape, plane, memory);
            TMemory* buffer = plane + planes;
            double* losses = memory + work;
            TLanes priorTail = TLanes.Create(0);
            for (nint row = first; row < first + count; row += Lanes)
            {
                int rows = (int)nint.Min(Lanes, first + count - row);
                AskForMemory(row, rows, (int)nint.Min(Lanes, first + count - row - rows));
                if (!IsOneMixture || row == first)
                {
                    nint mixture = IsOneMixture ? 0 : row;
                    int mixtures = IsOneMixture ? 1 : rows;
                    Read(Logits + (mixture * components), components, mixtures, tile.Logits, buffer);
                    Read(Means + (mixture * means), means, mixtures, tile.Means, buffer);
                    Read(Scales + (mixture * scales), scales, mixtures, tile.Scales, buffer);
                    priorTail = MixtureKernel<TLanes, TPrecision, TMemory, TCovariance>.Prepare(shape, tile);
                }

                Read(Points + (row * dimensions), dimensions, rows, tile.Points, buffer, isOne: false);
                TLanes tail = MixtureKernel<TLanes, TPrecision, TMemory, TCovariance>.Evaluate(shape, tile, out TLanes max);
                if (Losses != null)
                {
                    MixtureKernel<TLanes, TPrecision, TMemory, TCovariance>.Losses(shape, tile, priorTail, tail, max).Store(losses);
                    Unsafe.CopyBlockUnaligned(Losses + row, losses, (uint)(rows * sizeof(double)));
                }

                if (Responsibilities != null)
                {
                    MixtureKernel<TLanes, TPrecision, TMemory, TCovariance>.Responsibilities<T>(shape, tile, tail);
                    Write(tile.OfLogits, components, rows, Responsibilities + (row * components), buffer);
                }

                if (LogitsGradient != null)
                {
                    MixtureKernel<TLanes, TPrecision, TMemory, TCovariance>.Differentiate<T>(shape, tile, priorTail, tail, Factor);
                    Write(tile.OfLogits, components, rows, LogitsGradient + (row * components), buffer);
                    Write(tile.OfMeans, means, rows, MeansGradient + (row * means), buffer);
                    Write(tile.OfScales, scales, rows, ScalesGradient + (row * scales), buffer);
                }
            }
        }
    }

    /// <summary>Asks for the places of this tile's gradients, and for the parameters of the next: they arrive while this tile is computed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AskForMemory(nint row, int rows, int nextRows)
    {
        int components = Shape.Components, means = Shape.MeansOfMixture, scales = Shape.ScalesOfMixture;
        if (LogitsGradient != null)
        {
            AskFor(LogitsGradient + (row * components), rows * components);
            AskFor(MeansGradient + (row * means), rows * means);
            AskFor(ScalesGradient + (row * scales), rows * scales);
        }

        if (!IsOneMixture)
        {
            nint next = row + rows;
            AskFor(Logits + (next * components), nextRows * components);
            AskFor(Means + (next * means), nextRows * means);
            AskFor(Scales + (next * scales), nextRows * scales);
        }
    }

    /// <summary>Asks for every line of 64 bytes. Any address will do.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AskFor(T* start, int count)
    {
        if (Sse.IsSupported)
        {
            for (nint i = 0; i < (nint)count * sizeof(T); i += 64)
            {
                Sse.Prefetch0((byte*)start + i);
            }
        }
    }

    /// <summary>Rows of a length to planes; one mixture goes into every lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Read<TMemory>(T* source, int length, int rows, TMemory* planes, TMemory* buffer, bool isOne = true)
        where TMemory : unmanaged
    {
        TMemory* elements = (TMemory*)source;
        if (IsNarrow)
        {
            Narrowing<T>.Widen(source, (float*)buffer, (nint)rows * length);
            elements = buffer;
        }

        bool isRepeated = isOne && IsOneMixture;
        Transposition.Copy(elements, isRepeated ? 0 : length, 1, isRepeated ? Lanes : rows, length, planes, 1, Lanes);
    }

    /// <summary>Planes to rows of a length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Write<TMemory>(TMemory* planes, int length, int rows, T* destination, TMemory* buffer)
        where TMemory : unmanaged
    {
        TMemory* elements = IsNarrow ? buffer : (TMemory*)destination;
        Transposition.Copy(planes, 1, Lanes, rows, length, elements, length, 1);
        if (IsNarrow)
        {
            Narrowing<T>.Narrow((float*)buffer, destination, (nint)rows * length);
        }
    }
}
