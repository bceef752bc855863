using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels;

/// <summary>A batch of points, and the mixture of each, or one for all.</summary>
/// <typeparam name="T">The element type.</typeparam>
internal readonly unsafe struct MixtureRows<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
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

    /// <summary>Computes all rows, shared among threads where that is worthwhile.</summary>
    public void Run(int maxDegreeOfParallelism)
    {
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
            Run<TLanes, ForDouble>(first, count);
        }
        else
        {
            Run<TLanes, ForSingle>(first, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Run<TLanes, TPrecision>(nint first, nint count)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        MixtureShape shape = Shape;
        int components = shape.Components, dimensions = shape.Dimensions, plane = shape.Plane;
        nint scales = (nint)shape.ScalesOfMixture;
        double constant = dimensions * NormalDistribution.LogSqrtTwoPi, priorTail = 0;
        double[] rented = ArrayPool<double>.Shared.Rent(shape.MemoryLength + dimensions);
        fixed (double* memory = rented)
        {
            double* point = memory + shape.MemoryLength;
            for (nint row = first; row < first + count; row++)
            {
                if (!IsOneMixture || row == first)
                {
                    nint mixture = IsOneMixture ? 0 : row;
                    MixtureKernel<TLanes, TPrecision>.Read(shape, Logits + (mixture * components), Means + (mixture * components * dimensions), Scales + (mixture * scales), memory);
                    priorTail = MixtureKernel<TLanes, TPrecision>.Prepare(shape, memory);
                }

                for (int d = 0; d < dimensions; d++)
                {
                    point[d] = double.CreateTruncating(Points[(row * dimensions) + d]);
                }

                double tail = MixtureKernel<TLanes, TPrecision>.Evaluate(shape, point, memory, out double max);
                if (Losses != null)
                {
                    Losses[row] = double.IsNegativeInfinity(max) ? LossOfNoDensity(shape, memory) : Log(priorTail) - Log(tail) + (constant - max);
                }

                if (Responsibilities != null)
                {
                    double reciprocal = 1 / (1 + tail);
                    for (int k = 0; k < components; k++)
                    {
                        Responsibilities[(row * components) + k] = T.CreateTruncating(memory[shape.Posteriors + k] * reciprocal);
                    }
                }

                if (LogitsGradient != null)
                {
                    MixtureKernel<TLanes, TPrecision>.Differentiate(shape, memory, priorTail, tail, Factor);
                    double* gradients = memory + shape.Gradients;
                    Widening.FromDouble(gradients, components, LogitsGradient + (row * components));
                    MixtureKernel<TLanes, TPrecision>.Write(gradients + plane, components, dimensions, plane, MeansGradient + (row * components * dimensions));
                    double* ofScales = gradients + ((1 + dimensions) * plane);
                    if (shape.IsShared)
                    {
                        SumOverComponents(shape, ofScales);
                    }

                    MixtureKernel<TLanes, TPrecision>.Write(ofScales, shape.IsShared ? 1 : components, shape.Scales, plane, ScalesGradient + (row * scales));
                }
            }
        }

        ArrayPool<double>.Shared.Return(rented);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Log(double tail) => tail == 0 ? 0 : ScalarFunctions.Log1P(tail);

    /// <summary>Every density is 0: infinity, unless there is NaN somewhere.</summary>
    private static double LossOfNoDensity(in MixtureShape shape, double* memory)
    {
        for (int k = 0; k < shape.Components; k++)
        {
            if (double.IsNaN(memory[shape.Joints + k]))
            {
                return double.NaN;
            }
        }

        return double.PositiveInfinity;
    }

    /// <summary>Puts the sum of each plane in its first place.</summary>
    private static void SumOverComponents(in MixtureShape shape, double* planes)
    {
        for (int p = 0; p < shape.Scales; p++, planes += shape.Plane)
        {
            double sum = planes[0];
            for (int k = 1; k < shape.Components; k++)
            {
                sum += planes[k];
            }

            planes[0] = sum;
        }
    }
}
