using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LogDomain.Kernels.Elementwise;

/// <summary>
/// Functions of one element over memory, one or two vectors at a time; the result may be the memory of an operand. A last group that is not whole is
/// filled with copies of its last element.
/// </summary>
internal static unsafe class Elements
{
    /// <summary>Elements of a type of 16 bits that are widened at once.</summary>
    private const int ScratchLength = 512;

    /// <summary>The lanes of two vectors of double, which is how often a parameter for all elements is repeated.</summary>
    private const int MostLanes = 16;

    private static bool Wide => Vector512.IsHardwareAccelerated && Avx512F.IsSupported && Avx512DQ.IsSupported;

    /// <summary>y = f(x).</summary>
    public static void Of<TFunction, T>(T* x, T* y, nint count)
        where TFunction : IFunction
        where T : unmanaged
    {
        if (typeof(T) == typeof(double))
        {
            Run<TFunction, double, double>((double*)x, (double*)y, count);
        }
        else if (typeof(T) == typeof(float))
        {
            Singles<TFunction>((float*)x, (float*)y, count);
        }
        else
        {
            float* scratch = stackalloc float[ScratchLength];
            for (nint start = 0; start < count; start += ScratchLength)
            {
                nint length = nint.Min(ScratchLength, count - start);
                Narrowing<T>.Widen(x + start, scratch, length);
                Run<TFunction, float, T>(scratch, scratch, length);
                Narrowing<T>.Narrow(scratch, y + start, length);
            }
        }
    }

    /// <summary>z = f(x, y).</summary>
    public static void Of<TFunction, T>(T* x, T* y, T* z, nint count)
        where TFunction : IFunctionOfTwo
        where T : unmanaged
    {
        if (typeof(T) == typeof(double))
        {
            Run<TFunction, double, double>((double*)x, (double*)y, (double*)z, count, step: 1);
        }
        else if (typeof(T) == typeof(float))
        {
            Singles<TFunction>((float*)x, (float*)y, (float*)z, count);
        }
        else
        {
            float* first = stackalloc float[ScratchLength], second = stackalloc float[ScratchLength];
            for (nint start = 0; start < count; start += ScratchLength)
            {
                nint length = nint.Min(ScratchLength, count - start);
                Narrowing<T>.Widen(x + start, first, length);
                Narrowing<T>.Widen(y + start, second, length);
                Run<TFunction, float, T>(first, second, first, length, step: 1);
                Narrowing<T>.Narrow(first, z + start, length);
            }
        }
    }

    /// <summary>z = f(x, parameter).</summary>
    public static void Of<TFunction, T>(T* x, T parameter, T* z, nint count)
        where TFunction : IFunctionOfTwo
        where T : unmanaged
    {
        if (typeof(T) == typeof(double))
        {
            double* second = stackalloc double[MostLanes];
            new Span<double>(second, MostLanes).Fill(Unsafe.BitCast<T, double>(parameter));
            Run<TFunction, double, double>((double*)x, second, (double*)z, count, step: 0);
            return;
        }

        float* scratch = stackalloc float[ScratchLength], wide = stackalloc float[MostLanes];
        T* parameters = stackalloc T[MostLanes];
        new Span<T>(parameters, MostLanes).Fill(parameter);
        if (typeof(T) == typeof(float))
        {
            Run<TFunction, float, float>((float*)x, (float*)parameters, (float*)z, count, step: 0);
            return;
        }

        Narrowing<T>.Widen(parameters, wide, MostLanes);
        for (nint start = 0; start < count; start += ScratchLength)
        {
            nint length = nint.Min(ScratchLength, count - start);
            Narrowing<T>.Widen(x + start, scratch, length);
            Run<TFunction, float, T>(scratch, wide, scratch, length, step: 0);
            Narrowing<T>.Narrow(scratch, z + start, length);
        }
    }

    private static void Singles<TFunction>(float* x, float* y, nint count)
        where TFunction : IFunction
    {
        if (!TFunction.HasSingles)
        {
            Run<TFunction, float, float>(x, y, count);
        }
        else if (Wide && TFunction.IsShort<float>())
        {
            RunSingles<TFunction, SingleVector512Pair>(x, y, count);
        }
        else if (Wide)
        {
            RunSingles<TFunction, SingleVector512>(x, y, count);
        }
        else
        {
            RunSingles<TFunction, SingleVector256Pair>(x, y, count);
        }
    }

    private static void Singles<TFunction>(float* x, float* y, float* z, nint count)
        where TFunction : IFunctionOfTwo
    {
        if (!TFunction.HasSingles)
        {
            Run<TFunction, float, float>(x, y, z, count, step: 1);
        }
        else if (Wide && TFunction.IsShort<float>())
        {
            RunSingles<TFunction, SingleVector512Pair>(x, y, z, count);
        }
        else if (Wide)
        {
            RunSingles<TFunction, SingleVector512>(x, y, z, count);
        }
        else
        {
            RunSingles<TFunction, SingleVector256Pair>(x, y, z, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunSingles<TFunction, TLanes>(float* x, float* y, nint count)
        where TFunction : IFunction
        where TLanes : unmanaged, ISingleLanes<TLanes>
    {
        nint i = 0;
        for (; i <= count - TLanes.Count; i += TLanes.Count)
        {
            TLanes value = TLanes.Load(x + i), result = TFunction.OfSingles(value, out uint rare);
            if (rare == 0)
            {
                result.Store(y + i);
            }
            else
            {
                RedoSingles<TFunction, TLanes>(value, result, y + i, rare);
            }
        }

        if (i < count)
        {
            float* last = stackalloc float[TLanes.Count];
            Fill(x + i, last, count - i, TLanes.Count);
            RunSingles<TFunction, TLanes>(last, last, TLanes.Count);
            Unsafe.CopyBlockUnaligned(y + i, last, (uint)((count - i) * sizeof(float)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunSingles<TFunction, TLanes>(float* x, float* y, float* z, nint count)
        where TFunction : IFunctionOfTwo
        where TLanes : unmanaged, ISingleLanes<TLanes>
    {
        nint i = 0;
        for (; i <= count - TLanes.Count; i += TLanes.Count)
        {
            TLanes first = TLanes.Load(x + i), second = TLanes.Load(y + i), result = TFunction.OfSingles(first, second, out uint rare);
            if (rare == 0)
            {
                result.Store(z + i);
            }
            else
            {
                RedoSingles<TFunction, TLanes>(first, second, result, z + i, rare);
            }
        }

        if (i < count)
        {
            float* last = stackalloc float[TLanes.Count], lastOfTwo = stackalloc float[TLanes.Count];
            Fill(x + i, last, count - i, TLanes.Count);
            Fill(y + i, lastOfTwo, count - i, TLanes.Count);
            RunSingles<TFunction, TLanes>(last, lastOfTwo, last, TLanes.Count);
            Unsafe.CopyBlockUnaligned(z + i, last, (uint)((count - i) * sizeof(float)));
        }
    }

    /// <summary>The lanes that floats leave are done in doubles with all others, eight at a time, so that a masked row is not slow.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void RedoSingles<TFunction, TLanes>(TLanes x, TLanes result, float* y, uint rare)
        where TFunction : IFunction
        where TLanes : unmanaged, ISingleLanes<TLanes>
    {
        float* values = stackalloc float[TLanes.Count], doubles = stackalloc float[TLanes.Count];
        x.Store(values);
        result.Store(y);
        Run<TFunction, float, float>(values, doubles, TLanes.Count);
        for (int i = 0; i < TLanes.Count; i++)
        {
            y[i] = (rare & (1u << i)) != 0 ? doubles[i] : y[i];
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void RedoSingles<TFunction, TLanes>(TLanes x, TLanes y, TLanes result, float* z, uint rare)
        where TFunction : IFunctionOfTwo
        where TLanes : unmanaged, ISingleLanes<TLanes>
    {
        float* first = stackalloc float[TLanes.Count], second = stackalloc float[TLanes.Count], doubles = stackalloc float[TLanes.Count];
        x.Store(first);
        y.Store(second);
        result.Store(z);
        Run<TFunction, float, float>(first, second, doubles, TLanes.Count, step: 1);
        for (int i = 0; i < TLanes.Count; i++)
        {
            z[i] = (rare & (1u << i)) != 0 ? doubles[i] : z[i];
        }
    }

    private static void Run<TFunction, TMemory, TResult>(TMemory* x, TMemory* y, nint count)
        where TFunction : IFunction
        where TMemory : unmanaged
    {
        if (Wide && TFunction.IsShort<TMemory>() && count >= DoubleVector512Pair.Count)
        {
            Run<TFunction, DoubleVector512Pair, TMemory, TResult>(x, y, count);
        }
        else if (Wide)
        {
            Run<TFunction, DoubleVector512, TMemory, TResult>(x, y, count);
        }
        else
        {
            Run<TFunction, DoubleVector256Pair, TMemory, TResult>(x, y, count);
        }
    }

    private static void Run<TFunction, TMemory, TResult>(TMemory* x, TMemory* y, TMemory* z, nint count, int step)
        where TFunction : IFunctionOfTwo
        where TMemory : unmanaged
    {
        if (Wide && TFunction.IsShort<TMemory>() && count >= DoubleVector512Pair.Count)
        {
            Run<TFunction, DoubleVector512Pair, TMemory, TResult>(x, y, z, count, step);
        }
        else if (Wide)
        {
            Run<TFunction, DoubleVector512, TMemory, TResult>(x, y, z, count, step);
        }
        else
        {
            Run<TFunction, DoubleVector256Pair, TMemory, TResult>(x, y, z, count, step);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TFunction, TLanes, TMemory, TResult>(TMemory* x, TMemory* y, nint count)
        where TFunction : IFunction
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : unmanaged
    {
        nint i = 0;
        for (; i <= count - TLanes.Count; i += TLanes.Count)
        {
            TLanes value = Load<TLanes, TMemory>(x + i);
            TLanes result = typeof(TMemory) == typeof(double)
                ? TFunction.Of<TLanes, ForDouble>(value, out uint rare)
                : TFunction.Of<TLanes, ForSingle>(value, out rare);
            Store<TLanes, TMemory, TResult>(result, y + i);
            if (rare != 0)
            {
                Redo<TFunction, TLanes, TMemory, TResult>(value, y + i, rare);
            }
        }

        if (i < count)
        {
            TMemory* last = stackalloc TMemory[TLanes.Count];
            Fill(x + i, last, count - i, TLanes.Count);
            Run<TFunction, TLanes, TMemory, TResult>(last, last, TLanes.Count);
            Unsafe.CopyBlockUnaligned(y + i, last, (uint)((count - i) * sizeof(TMemory)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TFunction, TLanes, TMemory, TResult>(TMemory* x, TMemory* y, TMemory* z, nint count, int step)
        where TFunction : IFunctionOfTwo
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : unmanaged
    {
        nint i = 0;
        for (; i <= count - TLanes.Count; i += TLanes.Count)
        {
            TLanes first = Load<TLanes, TMemory>(x + i), second = Load<TLanes, TMemory>(y + (i * step));
            TLanes result = typeof(TMemory) == typeof(double)
                ? TFunction.Of<TLanes, ForDouble>(first, second, out uint rare)
                : TFunction.Of<TLanes, ForSingle>(first, second, out rare);
            Store<TLanes, TMemory, TResult>(result, z + i);
            if (rare != 0)
            {
                Redo<TFunction, TLanes, TMemory, TResult>(first, second, z + i, rare);
            }
        }

        if (i < count)
        {
            TMemory* last = stackalloc TMemory[TLanes.Count], lastOfTwo = stackalloc TMemory[TLanes.Count];
            Fill(x + i, last, count - i, TLanes.Count);
            Fill(y + (i * step), lastOfTwo, count - i, TLanes.Count);
            Run<TFunction, TLanes, TMemory, TResult>(last, lastOfTwo, last, TLanes.Count, step: 1);
            Unsafe.CopyBlockUnaligned(z + i, last, (uint)((count - i) * sizeof(TMemory)));
        }
    }

    private static void Fill<TMemory>(TMemory* x, TMemory* group, nint count, int lanes)
        where TMemory : unmanaged
    {
        for (nint i = 0; i < lanes; i++)
        {
            group[i] = x[nint.Min(i, count - 1)];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Load<TLanes, TMemory>(TMemory* x)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : unmanaged => typeof(TMemory) == typeof(double) ? TLanes.Load((double*)x) : TLanes.Load((float*)x);

    /// <summary>Rounds to the result's type, once: what is stored as float for a type of 16 bits is a number of that type.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TLanes, TMemory, TResult>(TLanes value, TMemory* y)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : unmanaged
    {
        if (typeof(TMemory) == typeof(double))
        {
            value.Store((double*)y);
            return;
        }

        if (typeof(TResult) == typeof(Half))
        {
            value = TLanes.Round(value, bits: 11, minExponent: -14);
        }
        else if (typeof(TResult) == typeof(BFloat16))
        {
            value = TLanes.Round(value, bits: 8, minExponent: -126);
        }

        value.Store((float*)y);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Redo<TFunction, TLanes, TMemory, TResult>(TLanes x, TMemory* y, uint rare)
        where TFunction : IFunction
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : unmanaged
    {
        double* values = stackalloc double[TLanes.Count];
        x.Store(values);
        for (int i = 0; i < TLanes.Count; i++)
        {
            if ((rare & (1u << i)) != 0)
            {
                Store<ScalarLane, TMemory, TResult>(new(Scalar.Rare<TFunction>(values[i])), y + i);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Redo<TFunction, TLanes, TMemory, TResult>(TLanes x, TLanes y, TMemory* z, uint rare)
        where TFunction : IFunctionOfTwo
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : unmanaged
    {
        double* first = stackalloc double[TLanes.Count], second = stackalloc double[TLanes.Count];
        x.Store(first);
        y.Store(second);
        for (int i = 0; i < TLanes.Count; i++)
        {
            if ((rare & (1u << i)) != 0)
            {
                Store<ScalarLane, TMemory, TResult>(new(Scalar.Rare<TFunction>(first[i], second[i])), z + i);
            }
        }
    }
}
