using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LogDomain.Kernels.Alignment;

/// <summary>
/// The loss of connectionist temporal classification and its gradient, for the widest vectors of this machine: with one exponent for eight places, and where that is not enough with one for each.
/// </summary>
internal static unsafe class CtcKernel
{
    private static bool IsWide => Vector512.IsHardwareAccelerated && Avx512F.IsSupported;

    /// <summary>The loss; the gradient, if there is to be one, is written as a whole.</summary>
    public static double Run<T>(in CtcProblem<T> problem)
        where T : unmanaged
    {
        using Scratch<int> integers = new(CtcFrames<T>.Integers(problem));
        using Scratch<double> numbers = new(CtcFrames<T>.Numbers(problem));
        fixed (int* integer = integers.Span)
        fixed (double* number = numbers.Span)
        {
            CtcFrames<T> frames = new(problem, integer, number);
            if (!(IsWide ? CtcVectors<DoubleVector512, T>.Run(frames, out double? loss) : CtcVectors<DoubleVector256Pair, T>.Run(frames, out loss)))
            {
                double careful = IsWide ? CtcPlaces<DoubleVector512, T>.Run(frames) : CtcPlaces<DoubleVector256Pair, T>.Run(frames);
                return loss ?? careful;
            }

            return loss!.Value;
        }
    }

    public static bool TrySoftMax(float* x, float* softmax, int length, double scale, out double logSumExp) =>
        IsWide ? FrameSums<SingleVector512, DoubleVector512>.TryRun(x, softmax, length, scale, out logSumExp)
            : FrameSums<SingleVector256Pair, DoubleVector256Pair>.TryRun(x, softmax, length, scale, out logSumExp);

    /// <summary>log(sum e^x) of a frame in double.</summary>
    public static double LogSumExp<T>(ReadOnlySpan<T> frame, int anchor)
        where T : unmanaged
    {
        fixed (T* row = frame)
        {
            double loss;
            RowKernels<T>.Best!.CrossEntropy(row, null, 1, frame.Length, &anchor, null, &loss, 1);
            return LogSumExp(row, frame.Length, anchor, loss);
        }
    }

    /// <summary>The same, from the loss of a class.</summary>
    public static double LogSumExp<T>(T* row, int classes, int anchor, double loss)
        where T : unmanaged
    {
        // From a class far below the others the sum would come back with the roundings of the distance.
        if (!(loss < 1024))
        {
            for (int c = 0; c < classes; c++)
            {
                anchor = Double(row[c]) > Double(row[anchor]) ? c : anchor;
            }

            RowKernels<T>.Best!.CrossEntropy(row, null, 1, classes, &anchor, null, &loss, 1);
        }

        return loss + Double(row[anchor]);
    }

    private static double Double<T>(T value) => typeof(T) == typeof(float) ? (float)(object)value! : (double)(object)value!;
}
