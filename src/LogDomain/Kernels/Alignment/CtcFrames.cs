using System.Runtime.CompilerServices;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels.Alignment;

/// <summary>What the frames of a sequence are to its target: the probabilities of the classes that count, each once, and the gradient from the shares of paths.</summary>
/// <remarks>
/// Of few classes all count, and their exponentials are computed here, in double. Of many, those of the blank and the labels do: the sums of frames and the softmax of the others are those of the row kernels, in the element type.
/// </remarks>
internal sealed unsafe class CtcFrames<T>
    where T : unmanaged
{
    /// <summary>Classes that all count, however few of them are in the target: their exponentials cost less than another pass.</summary>
    private const int Few = 64;

    private const int Lanes = 8;

    private readonly CtcProblem<T> _problem;
    private readonly bool _areAll;    // whether all classes count
    private readonly int* _classes;   // that count: all, or the blank and then those of the target
    private readonly double* _lse;    // log(sum e^x) of each frame; 0 for probabilities
    private readonly double* _sums;   // of shares, by class that counts
    private int _done;                // frames

    /// <param name="problem">The sequence.</param>
    /// <param name="integers">As many as <see cref="Integers"/> says.</param>
    /// <param name="numbers">As many as <see cref="Numbers"/> says.</param>
    public CtcFrames(in CtcProblem<T> problem, int* integers, double* numbers)
    {
        _problem = problem;
        _classes = integers;
        Index = integers + problem.TargetLength + 1;
        _lse = numbers;
        _sums = numbers + problem.Frames;
        FindClasses();
        if (2 * (long)Count >= problem.Classes || problem.Classes <= Few)
        {
            _areAll = true;
            Count = problem.Classes;
            Blank = problem.Blank;
            new Span<int>(problem.Target, problem.TargetLength).CopyTo(new(Index, problem.TargetLength));
        }

        PaddedCount = (Count + Lanes - 1) / Lanes * Lanes;
        if (!problem.IsLogits)
        {
            new Span<double>(_lse, problem.Frames).Clear();
            _done = problem.Frames;
            if (!_areAll)
            {
                Fill(0);
            }
        }
    }

    public static nint Integers(in CtcProblem<T> problem) => (2 * (nint)problem.TargetLength) + 1;

    public static nint Numbers(in CtcProblem<T> problem) => (nint)problem.Frames + Math.Max((2 * problem.TargetLength) + 2, Few) + Lanes;

    public ref readonly CtcProblem<T> Problem => ref _problem;

    /// <summary>How many classes count.</summary>
    public int Count { get; private set; }

    /// <summary>The same in whole vectors: the length of a row of numbers by class.</summary>
    public int PaddedCount { get; }

    /// <summary>The place of the blank among the classes that count.</summary>
    public int Blank { get; }

    /// <summary>Of each label its place among the classes that count.</summary>
    public int* Index { get; }

    private void FindClasses()
    {
        Span<int> sorted = new(_classes + 1, _problem.TargetLength);
        new Span<int>(_problem.Target, _problem.TargetLength).CopyTo(sorted);
        sorted.Sort();
        _classes[0] = _problem.Blank;
        Count = 1;
        for (int i = 0; i < sorted.Length; i++)
        {
            if (Count == 1 || sorted[i] != _classes[Count - 1])
            {
                _classes[Count++] = sorted[i];
            }
        }

        for (int i = 0; i < _problem.TargetLength; i++)
        {
            Index[i] = 1 + new Span<int>(_classes + 1, Count - 1).BinarySearch(_problem.Target[i]);
        }
    }

    /// <summary>The probabilities of the classes that count in a frame, with <see cref="PaddedCount"/> numbers. False where one is not between the limits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool Probabilities<TLanes>(int frame, double* destination, double least, double largest)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        int count = Count, size = PaddedCount;
        double shift = 0;
        if (_areAll)
        {
            shift = CopyRow<TLanes>(frame, destination);
        }
        else
        {
            Logarithms(frame, destination);
        }

        new Span<double>(destination + count, size - count).Fill(shift - 70);   // in range, and too small to be seen in a sum that has a 1
        TLanes sum = TLanes.Create(0), middle = TLanes.Create(shift);
        uint outside = 0;
        for (int c = 0; c < size; c += Lanes)
        {
            TLanes p = Power(TLanes.Load(destination + c) - middle);
            p.Store(destination + c);
            sum += p;
            outside |= TLanes.Outside(p, least, largest);
        }

        return _areAll && _problem.IsLogits ? outside == 0 && Divide(destination, sum, least) : outside == 0;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static TLanes Power(TLanes x) => ScaledLanes<TLanes>.Over(ScaledLanes<TLanes>.Exp(x, out TLanes exponent), exponent, TLanes.Create(0));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        bool Divide(double* values, TLanes lanes, double least)
        {
            double* parts = stackalloc double[Lanes];
            lanes.Store(parts);
            double total = ((parts[0] + parts[1]) + (parts[2] + parts[3])) + ((parts[4] + parts[5]) + (parts[6] + parts[7]));
            TLanes factor = TLanes.Create(1 / total);
            uint tooSmall = 0;
            for (int c = 0; c < size; c += Lanes)
            {
                TLanes p = TLanes.Load(values + c) * factor;
                p.Store(values + c);
                tooSmall |= TLanes.BitsOfLess(p, TLanes.Create(least));
            }

            return tooSmall == 0;
        }
    }

    /// <summary>A frame in double; gives the largest of its logits, or 0 for logarithms of probabilities.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private double CopyRow<TLanes>(int frame, double* destination)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        T* row = _problem.Input + ((nint)frame * _problem.Classes);
        int count = Count, done = 0;
        TLanes lanes = TLanes.Create(double.NegativeInfinity);
        for (; done <= count - Lanes; done += Lanes)
        {
            TLanes x = typeof(T) == typeof(float) ? TLanes.Load((float*)(row + done)) : TLanes.Load((double*)(row + done));
            x.Store(destination + done);
            lanes = TLanes.Max(lanes, x);
        }

        double* parts = stackalloc double[Lanes];
        lanes.Store(parts);
        double largest = double.NegativeInfinity;
        for (int i = 0; i < Lanes; i++)
        {
            largest = parts[i] > largest ? parts[i] : largest;
        }

        for (; done < count; done++)
        {
            double x = Double(row[done]);
            destination[done] = x;
            largest = x > largest ? x : largest;
        }

        return _problem.IsLogits ? largest : 0;
    }

    /// <summary>The logarithms of the probabilities of the classes that count in a frame. The softmax of the frame is in place of its gradient afterwards.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Logarithms(int frame, double* destination)
    {
        if (frame >= _done)
        {
            Sum(frame);
        }

        T* row = _problem.Input + ((nint)frame * _problem.Classes);
        int* classes = _classes;
        int count = Count;
        double lse = _lse[frame];
        for (int c = 0; c < count; c++)
        {
            destination[c] = Double(row[_areAll ? c : classes[c]]) - lse;
        }
    }

    /// <summary>log(sum e^x) in double, and the softmax in place of the gradient, in the same pass.</summary>
    private void Sum(int frame)
    {
        int classes = _problem.Classes, blank = _problem.Blank;
        nint first = (nint)frame * classes;
        T* row = _problem.Input + first, gradient = _problem.Gradient == null || _areAll ? null : _problem.Gradient + first;
        if (typeof(T) != typeof(float) || !CtcKernel.TrySoftMax((float*)row, (float*)gradient, classes, _problem.Weight, out _lse[frame]))
        {
            RowKernels<T>.Best!.CrossEntropy(row, gradient, 1, classes, &blank, null, _lse + frame, _problem.Weight);
            _lse[frame] = CtcKernel.LogSumExp(row, classes, blank, _lse[frame]);
        }

        _done = frame + 1;
    }

    /// <summary>Softmax less shares, for the classes that count; the others are there.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="probabilities">Of the classes that count.</param>
    /// <param name="shares">Of the labels.</param>
    /// <param name="blanks">The share of all blanks.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void WriteGradient<TLanes>(int frame, double* probabilities, double* shares, double blanks)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        double* sums = _sums;
        int* index = Index, classes = _classes;
        int length = _problem.TargetLength, count = Count;
        new Span<double>(sums, PaddedCount).Clear();
        sums[Blank] = blanks;
        for (int i = 0; i < length; i++)
        {
            sums[index[i]] += shares[i];
        }

        // Where the input is probabilities already, nothing comes from the softmax.
        double weight = _problem.Weight;
        bool isLogits = _problem.IsLogits;
        T* y = _problem.Gradient + ((nint)frame * _problem.Classes);
        int done = 0;
        for (; _areAll && done <= count - Lanes; done += Lanes)
        {
            TLanes softmax = isLogits ? TLanes.Load(probabilities + done) : TLanes.Create(0), value = TLanes.Create(weight) * (softmax - TLanes.Load(sums + done));
            if (typeof(T) == typeof(float))
            {
                value.Store((float*)(y + done));
            }
            else
            {
                value.Store((double*)(y + done));
            }
        }

        for (int c = done; c < count; c++)
        {
            y[_areAll ? c : classes[c]] = Of(weight * ((isLogits ? probabilities[c] : 0) - sums[c]));
        }
    }

    /// <summary>The loss from the sum over all paths. Where it is not finite the gradient is written here, and nothing is left to do.</summary>
    public double Finish(double loss)
    {
        bool isZero = double.IsPositiveInfinity(loss) && _problem.ZeroInfinity;
        if (!double.IsFinite(loss))
        {
            Fill(isZero ? 0 : double.NaN);
        }

        return isZero ? 0 : loss;
    }

    private void Fill(double value)
    {
        if (_problem.Gradient != null)
        {
            new Span<T>(_problem.Gradient, checked((int)((nint)_problem.Frames * _problem.Classes))).Fill(Of(value));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Double(T value) => typeof(T) == typeof(float) ? (float)(object)value : (double)(object)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Of(double value) => typeof(T) == typeof(float) ? (T)(object)(float)value : (T)(object)value;
}
